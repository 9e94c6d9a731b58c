"""HTTP of bills, gathered from its rooms. Commands have their twins."""

from litestar.types import ControllerRouterHandler

from teahouse.bills.directory.routes import routes as directory
from teahouse.bills.files.routes import routes as files
from teahouse.bills.payments.routes import routes as payments
from teahouse.bills.receipts.routes import routes as receipts
from teahouse.bills.saved.routes import routes as saved
from teahouse.bills.splits.routes import routes as splits

routes: list[ControllerRouterHandler] = [*directory, *payments, *saved, *splits, *files, *receipts]
