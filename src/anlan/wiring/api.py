"""The API: every app's operations under one roof, and the document that describes them with the inbox."""

from collections.abc import Callable
from functools import partial
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.utils import translation
from django.utils.translation import gettext
from django.utils.translation import gettext_noop as _
from ninja import NinjaAPI, Router
from ninja.errors import AuthenticationError, HttpError, ValidationError
from ninja.openapi.schema import OpenAPISchema
from ninja.parser import Parser

from anlan.foundation import strict_json
from anlan.foundation.api_doors import NotJson, refusal_of
from anlan.foundation.errors import NotAllowed, NotFound, NotSignedIn, Refused
from anlan.foundation.inbox.api import router as inbox_router
from anlan.foundation.middleware import refusal_response
from anlan.health.api import router as counts_router
from anlan.organisation.api import router as areas_router
from anlan.people.api import router as residents_router
from anlan.surveillance.api import router as signals_router
from anlan.wiring.inbox_document import inbox_bodies, inbox_paths
from anlan.workorders.api import router as orders_router

ROUTERS: tuple[Router, ...] = (
    areas_router,
    orders_router,
    signals_router,
    counts_router,
    residents_router,
    inbox_router,
)
ABOUT = _(
    "其他系统的接口。凭证与收件口相同：一个凭证代表一个岗位的任职，范围、用途、遮盖、查阅限额和留痕与页面一致；已登录的人也可用会话调用，改动须带 CSRF 令牌。列表以 after、before 标记翻页。拒绝一律为 code、message、fields。"  # noqa: E501 - one paragraph
)


class StrictBody(Parser):
    """Reads bodies as strictly as the inbox does."""

    def parse_body(self, request: HttpRequest) -> Any:
        """Return the value; raise BadJson."""
        return strict_json.parse(request.body)


class PublishedApi(NinjaAPI):
    """The house's API, which describes itself in Chinese and English."""

    _document: OpenAPISchema | None = None

    def get_openapi_schema(
        self, *, path_prefix: str | None = None, path_params: dict[str, Any] | None = None
    ) -> OpenAPISchema:
        """Return the document, made once: the operations here and the inbox beside them."""
        if self._document is None:
            made = super().get_openapi_schema(path_prefix=path_prefix, path_params=path_params)
            made["paths"] |= inbox_paths()
            made["components"]["schemas"] |= inbox_bodies()
            for part in made["components"]["schemas"].values():
                part.pop("description", None)  # docstrings: for readers of the code
            self._document = _in_both(made, "")
        return self._document


def _in_both(part: Any, name: str) -> Any:
    """Return a part of the document with its Chinese sentences followed by their English."""
    if isinstance(part, dict):
        for key in part:
            part[key] = _in_both(part[key], key)
    elif isinstance(part, list):
        part[:] = [_in_both(one, "") for one in part]
    elif isinstance(part, str) and name in {"summary", "description", "title"}:
        with translation.override("en"):
            english = gettext(part)
        return part if english == part else f"{part} {english}"
    return part


def _refuse(refused: Callable[[Any], Refused], request: HttpRequest, error: Exception) -> HttpResponse:
    return refusal_response(request, refused(error))


def _http_refusal(error: HttpError) -> Refused:
    return {400: NotJson, 403: NotAllowed}.get(error.status_code, NotFound)()


def published_api() -> PublishedApi:
    """Return the API with every router in it."""
    api = PublishedApi(
        title="安澜 Anlan",
        version="1",
        description=ABOUT,
        docs_url=None,  # a page of documents would fetch its scripts from outside
        urls_namespace="api",
        parser=StrictBody(),
    )
    api.add_exception_handler(AuthenticationError, partial(_refuse, lambda _error: NotSignedIn()))
    api.add_exception_handler(ValidationError, partial(_refuse, lambda error: refusal_of(error.errors)))
    api.add_exception_handler(HttpError, partial(_refuse, _http_refusal))
    for router in ROUTERS:
        api.add_router("", router)
    return api


api = published_api()
