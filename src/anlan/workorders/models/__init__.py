"""Tables of orders: the order, its steps, the items it must answer, the posts that assist, extensions."""

from anlan.workorders.models.orders import OrderStep, WorkOrder
from anlan.workorders.models.parts import OrderExtension, OrderItem, OrderLeg

__all__ = ["OrderExtension", "OrderItem", "OrderLeg", "OrderStep", "WorkOrder"]
