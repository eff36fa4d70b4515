"""Keep statuses of persons: the law's reasons, scope and purpose, the nine parts, nothing ever altered."""

from django.db import migrations

from anlan.foundation.policies import append_only, move_to_schema, protect

# The reasons the law gives for limiting a person: 《传染病防治法》（2025年修订）疫情控制; days to appeal: 《行政复议法》
# （2023年修订）. How many days one status lasts at most is a default; both are to be checked before use.
REASONS = """
CREATE VIEW response_status_reason WITH (security_invoker = true) AS
SELECT * FROM (VALUES
    ('patient_isolation', '传染病患者、病原携带者隔离治疗', 'isolation of a patient or carrier', 14, 60),
    ('suspect_isolation', '疑似患者确诊前单独隔离', 'isolation of a suspected patient until confirmed', 7, 60),
    ('contact_observation', '密切接触者医学观察', 'medical observation of a close contact', 14, 60)
) AS listed(key, title_zh, title_en, longest_days, appeal_days);
"""

LAWFUL = """
CREATE FUNCTION response_status_refused(part text, why text) RETURNS void LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'a status that limits a person is refused: %', why
        USING ERRCODE = 'check_violation', CONSTRAINT = 'personstatus_' || part;
END $$;

CREATE FUNCTION response_post_answers(post uuid, place text, at timestamptz) RETURNS boolean
LANGUAGE sql STABLE AS $$
    SELECT EXISTS (
        SELECT FROM organisation_post p JOIN organisation_postrange r ON r.post_id = p.id
        WHERE p.id = post AND 'health' = ANY (p.purposes) AND starts_with(place, r.code)
          AND p.starts_at <= at AND coalesce(p.ends_at, 'infinity') > at
    )
$$;

CREATE FUNCTION response_holds(post uuid, member uuid, at timestamptz) RETURNS boolean
LANGUAGE sql STABLE AS $$
    SELECT EXISTS (
        SELECT FROM organisation_appointment a JOIN organisation_member m ON m.id = a.member_id
        WHERE a.post_id = post AND a.member_id = member AND NOT m.is_system
          AND a.starts_at <= at AND coalesce(a.ends_at, 'infinity') > at
    )
$$;

CREATE FUNCTION response_status_is_lawful() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    why response_status_reason;
BEGIN
    SELECT * INTO why FROM response_status_reason WHERE key = NEW.reason;
    IF NOT FOUND THEN
        PERFORM response_status_refused('reason', 'the law has no such reason');
    END IF;
    IF NEW.ends_at > NEW.starts_at + make_interval(days => why.longest_days) THEN
        PERFORM response_status_refused('expiry', 'it lasts longer than its reason allows');
    END IF;
    IF NOT EXISTS (
        SELECT FROM health_casereport c
        WHERE c.id = NEW.evidence_id AND c.pseudonym_id = NEW.person_id
          AND c.event_file_id = NEW.event_file_id AND c.area_code = NEW.area_code
    ) THEN
        PERFORM response_status_refused('evidence', 'the evidence is not about this person at this place');
    END IF;
    IF NOT response_holds(NEW.proposed_post_id, NEW.proposed_by_id, NEW.proposed_at) THEN
        PERFORM response_status_refused('proposer', 'who proposed it did not hold that post');
    END IF;
    IF NOT response_holds(NEW.approved_post_id, NEW.approved_by_id, NEW.approved_at) THEN
        PERFORM response_status_refused('approver', 'who approved it did not hold that post');
    END IF;
    IF NOT response_post_answers(NEW.approved_post_id, NEW.area_code, NEW.approved_at) THEN
        PERFORM response_status_refused('jurisdiction', 'the approving post does not answer for the place');
    END IF;
    -- A second account of the same person: until members carry an identity, the same name is the same person.
    IF EXISTS (
        SELECT FROM organisation_member a JOIN organisation_member b ON a.name = b.name
        WHERE a.id = NEW.proposed_by_id AND b.id = NEW.approved_by_id
    ) THEN
        PERFORM response_status_refused('two_persons', 'proposer and approver are the same person');
    END IF;
    IF position(why.title_zh IN NEW.notice) = 0 THEN
        PERFORM response_status_refused('notice', 'the notice does not give the true reason');
    END IF;
    IF NEW.appeal_until < NEW.noticed_at + make_interval(days => why.appeal_days) THEN
        PERFORM response_status_refused('appeal', 'the time to appeal is shorter than the law gives');
    END IF;
    IF NOT response_post_answers(NEW.appeal_post_id, NEW.area_code, NEW.noticed_at)
        OR response_holds(NEW.appeal_post_id, NEW.proposed_by_id, NEW.noticed_at)
        OR response_holds(NEW.appeal_post_id, NEW.approved_by_id, NEW.noticed_at) THEN
        PERFORM response_status_refused('appeal_elsewhere', 'nobody else decides an appeal there');
    END IF;
    NEW.recorded_at := clock_timestamp();
    RETURN NEW;
END $$;

CREATE FUNCTION response_status_stays() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    PERFORM response_status_refused('immutable', 'what was decided about a person is never altered');
    RETURN NULL;
END $$;

CREATE TRIGGER lawful BEFORE INSERT ON response_personstatus
    FOR EACH ROW EXECUTE FUNCTION response_status_is_lawful();
CREATE TRIGGER stays BEFORE UPDATE OR DELETE ON response_personstatus
    FOR EACH ROW EXECUTE FUNCTION response_status_stays();
"""

UNLAWFUL = """
DROP TRIGGER lawful ON response_personstatus;
DROP TRIGGER stays ON response_personstatus;
DROP FUNCTION response_status_is_lawful, response_status_stays, response_holds, response_post_answers,
    response_status_refused;
"""


class Migration(migrations.Migration):
    dependencies = [
        ("response", "0003_person_statuses"),
        ("health", "0008_event_cases_row_security"),
        ("organisation", "0008_sender_purposes"),
    ]

    operations = [
        migrations.RunSQL(REASONS, "DROP VIEW response_status_reason"),
        protect("response_personstatus", purposes=["health"]),
        migrations.RunSQL(LAWFUL, UNLAWFUL),
        append_only("response_personstatus"),
        move_to_schema("response_personstatus", "epidemic"),
    ]
