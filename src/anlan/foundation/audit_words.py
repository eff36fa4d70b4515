"""What acts and records are called on audit pages; an act without words is shown by its own name."""

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from anlan.foundation.reveal import RevealReason

VERBS: dict[str, str | Promise] = {
    "read": _("查看"),
    "list": _("浏览列表"),
    "search": _("检索"),
    "reveal": _("显示完整号码"),
    "refuse": _("被拒绝的访问"),
    "open_file": _("打开文件"),
    "store_file": _("存入文件"),
    "list_audit": _("查阅审计记录"),
    "audit_of_record": _("查阅某条记录的访问情况"),
    "sign_in": _("登录"),
    "sign_in_failed": _("登录失败"),
    "expire_files": _("删除到期文件"),
    "switch_post": _("换岗位"),
    "read_report": _("查看病例报告"),
    "list_reports": _("浏览病例报告"),
    "record_case_report": _("报告病例"),
    "take_case_step": _("推进病例处置"),
    "enter_card": _("填报传染病报告卡号"),
    "read_signal": _("查看信号"),
    "raise_signal": _("产生信号"),
    "acknowledge_warning": _("签收警示通报"),
    "pass_on_warning": _("转发警示通报"),
    "open_order": _("派发工单"),
    "appoint": _("任命"),
    "end_appointment": _("结束任职"),
    "create_post": _("设岗"),
    "add_member": _("登记成员"),
    "declare_link": _("登记关联区域"),
    "end_link": _("解除关联区域"),
    "set_setting": _("调整设置"),
    "build_district": _("建立区域数据"),
    "retry_envelope": _("再试未能入账的来件"),
    "dismiss_envelope": _("不采用未能入账的来件"),
    "renew_start_password": _("重设初始口令"),
}

SUBJECTS: dict[str, str | Promise] = {
    "people.Resident": _("居民"),
    "people.Household": _("住户"),
    "health.CaseReport": _("病例报告"),
    "health.EventFile": _("事件档案"),
    "surveillance.Signal": _("信号"),
    "surveillance.WarningReceipt": _("警示通报"),
    "workorders.WorkOrder": _("工单"),
    "organisation.Post": _("岗位"),
    "organisation.Appointment": _("任职"),
    "organisation.Member": _("成员"),
    "organisation.Area": _("区域"),
    "foundation.Account": _("账号"),
    "foundation.AuditEntry": _("审计记录"),
    "foundation.StoredFile": _("文件"),
    "foundation.Envelope": _("收到的报告"),
}

WHY: dict[str, str | Promise] = dict(RevealReason.choices)
