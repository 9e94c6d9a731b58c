"""Which live command has which HTTP twin (docs/api.md shows this table; a test holds them together)."""

from teahouse.bills.directory import model as billers
from teahouse.bills.files import model as files
from teahouse.bills.payments import model as bills
from teahouse.bills.saved import model as saved
from teahouse.bills.splits import model as splits
from teahouse.calls import model as history
from teahouse.calls.members import model as calls
from teahouse.calls.phone import model as phone
from teahouse.calls.phone.policy import model as policy
from teahouse.calls.phone.rates import model as rates
from teahouse.calls.phone.trunks import model as trunks
from teahouse.chat import model as chat
from teahouse.commands import Done
from teahouse.coupons.campaigns import model as campaigns
from teahouse.coupons.counter import model as counter
from teahouse.coupons.pack import model as coupons
from teahouse.http.twins import Route
from teahouse.media import model as media
from teahouse.merchants.accounts import model as merchants
from teahouse.merchants.orders import model as orders
from teahouse.people import model as people
from teahouse.stickers import model as stickers
from teahouse.wallet.bank import model as bank
from teahouse.wallet.cash import model as cash
from teahouse.wallet.guard import model as guard
from teahouse.wallet.packets import model as packets
from teahouse.wallet.payments import model as payments

TWINS: tuple[Route, ...] = (
    ("POST /chats/{chat}/messages", chat.SendMessage, chat.Sent, 201),
    ("PATCH /chats/{chat}/messages/{seq}", chat.EditMessage, Done, 200),
    ("POST /chats/{chat}/messages/{seq}/recall", chat.RecallMessage, Done, 200),
    ("POST /chats/{chat}/deletions", chat.DeleteMessages, Done, 200),
    ("PUT /chats/{chat}/messages/{seq}/reactions", chat.React, Done, 200),
    ("PUT /chats/{chat}/messages/{seq}/vote", chat.Vote, Done, 200),
    ("POST /chats/{chat}/messages/{seq}/close", chat.ClosePoll, Done, 200),
    ("POST /chats/{chat}/messages/{seq}/play", chat.Play, Done, 200),
    ("PUT /chats/{chat}/receipt", chat.Receive, Done, 200),
    ("POST /chats/{chat}/typing", chat.Typing, Done, 200),
    ("PUT /chats/{chat}/draft", chat.SetDraft, Done, 200),
    ("PATCH /chats/{chat}/preferences", chat.SetChatPreferences, Done, 200),
    ("POST /chats/{chat}/clear", chat.ClearChat, Done, 200),
    ("POST /chats", chat.CreateChat, chat.ChatCreated, 201),
    ("PATCH /chats/{chat}", chat.UpdateChat, Done, 200),
    ("POST /chats/{chat}/leave", chat.LeaveChat, Done, 200),
    ("POST /chats/{chat}/members", chat.AddMembers, Done, 200),
    ("DELETE /chats/{chat}/members/{person}", chat.RemoveMember, Done, 200),
    ("PUT /chats/{chat}/members/{person}/role", chat.SetRole, Done, 200),
    ("PUT /chats/{chat}/members/{person}/mute", chat.MuteMember, Done, 200),
    ("POST /chats/{chat}/links", chat.MakeChatLink, chat.ChatLinkMade, 201),
    ("DELETE /chats/{chat}/links/{link}", chat.RevokeChatLink, Done, 200),
    ("POST /joins", chat.JoinChat, chat.Joined, 200),
    ("POST /chats/{chat}/joins/{request}", chat.AnswerJoinRequest, Done, 200),
    ("POST /media", media.MakeMedia, media.MediaMade, 201),
    ("DELETE /media/{media}", media.DiscardMedia, Done, 200),
    ("POST /stickers/packs", stickers.CreatePack, stickers.PackCreated, 201),
    ("PATCH /stickers/packs/{pack}", stickers.UpdatePack, Done, 200),
    ("DELETE /stickers/packs/{pack}", stickers.DeletePack, Done, 200),
    ("PATCH /stickers/{sticker}", stickers.UpdateSticker, Done, 200),
    ("DELETE /stickers/{sticker}", stickers.RemoveSticker, Done, 200),
    ("PUT /stickers/panel/{pack}", stickers.InstallPack, Done, 200),
    ("DELETE /stickers/panel/{pack}", stickers.UninstallPack, Done, 200),
    ("PUT /stickers/panel", stickers.OrderPanel, Done, 200),
    ("PUT /stickers/favourites/{sticker}", stickers.Favour, Done, 200),
    ("DELETE /stickers/favourites/{sticker}", stickers.Unfavour, Done, 200),
    ("PUT /stickers/recents/{sticker}", stickers.NoteUse, Done, 200),
    ("PATCH /me", people.UpdateProfile, Done, 200),
    ("POST /contacts/requests", people.RequestContact, people.ContactRequested, 201),
    ("POST /contacts/requests/{request}/accept", people.AcceptContact, people.ContactAccepted, 200),
    ("POST /contacts/requests/{request}/decline", people.DeclineContact, Done, 200),
    ("PATCH /contacts/{person}", people.UpdateContact, Done, 200),
    ("DELETE /contacts/{person}", people.RemoveContact, Done, 200),
    ("PUT /blocks/{person}", people.Block, Done, 200),
    ("DELETE /blocks/{person}", people.Unblock, Done, 200),
    ("PATCH /wallet", guard.WalletSettings, Done, 200),
    ("POST /wallet/payments", payments.Pay, payments.Paid, 201),
    ("POST /chats/{chat}/transfers", payments.SendTransfer, payments.TransferSent, 201),
    ("POST /wallet/payments/{payment}/accept", payments.AcceptTransfer, Done, 200),
    ("POST /wallet/payments/{payment}/return", payments.ReturnTransfer, Done, 200),
    ("POST /wallet/charges", payments.MakeCharge, payments.ChargeMade, 201),
    ("POST /wallet/charges/{charge}/pay", payments.PayCharge, payments.Paid, 200),
    ("POST /wallet/charges/{charge}/decline", payments.DeclineCharge, Done, 200),
    ("POST /chats/{chat}/packets", packets.SendPacket, packets.PacketSent, 201),
    ("POST /wallet/packets/{packet}/open", packets.OpenPacket, packets.PacketOpened, 200),
    ("POST /wallet/desk/top-ups", cash.TopUpCash, cash.CashDone, 201),
    ("POST /wallet/desk/pay-outs", cash.PayOutCash, cash.CashDone, 201),
    ("POST /wallet/desk/operations/{operation}/confirm", cash.ConfirmCash, cash.CashDone, 200),
    ("POST /wallet/desk/operations/{operation}/refuse", cash.RefuseCash, cash.CashDone, 200),
    ("POST /wallet/desk/closings", cash.CloseDay, cash.DayClosed, 201),
    ("POST /wallet/people/{person}/verification", guard.VerifyPerson, Done, 200),
    ("POST /wallet/withdrawals", bank.Withdraw, bank.Withdrawn, 201),
    ("POST /wallet/withdrawals/{withdrawal}/cancel", bank.CancelWithdrawal, bank.Withdrawn, 200),
    ("POST /wallet/bank/files", bank.MakeBankFile, bank.BankFileMade, 201),
    ("POST /wallet/bank/files/{file}/settle", bank.SettleBankFile, bank.BankFileMade, 200),
    ("POST /merchants", merchants.OpenMerchant, merchants.MerchantOpened, 201),
    ("PATCH /merchants/{merchant}", merchants.UpdateMerchant, Done, 200),
    ("PUT /merchants/{merchant}/judgement", merchants.JudgeMerchant, Done, 200),
    ("PUT /merchants/{merchant}/staff/{person}", merchants.SetStaff, Done, 200),
    ("DELETE /merchants/{merchant}/staff/{person}", merchants.RemoveStaff, Done, 200),
    ("POST /merchants/{merchant}/counters", merchants.AddCounter, merchants.CounterAdded, 201),
    ("PATCH /merchants/{merchant}/counters/{counter}", merchants.UpdateCounter, Done, 200),
    ("DELETE /merchants/{merchant}/counters/{counter}", merchants.RemoveCounter, Done, 200),
    ("POST /merchants/{merchant}/take-outs", merchants.TakeOut, merchants.TakenOut, 201),
    ("POST /merchants/{merchant}/orders", orders.CreateOrder, orders.OrderMade, 201),
    ("POST /merchants/{merchant}/charges", orders.ChargeOrder, orders.OrderCharged, 201),
    ("POST /orders/{order}/close", orders.CloseOrder, orders.OrderMade, 200),
    ("POST /orders/{order}/pay", orders.PayOrder, orders.OrderPaid, 200),
    ("POST /orders/{order}/refunds", orders.RefundOrder, orders.OrderRefunded, 201),
    ("POST /merchants/payments", orders.PayMerchant, orders.OrderPaid, 201),
    ("POST /merchants/{merchant}/campaigns", campaigns.CreateCampaign, campaigns.CampaignMade, 201),
    ("PATCH /campaigns/{campaign}", campaigns.UpdateCampaign, campaigns.CampaignMade, 200),
    ("PUT /campaigns/{campaign}/state", campaigns.SetCampaignState, campaigns.CampaignMade, 200),
    ("POST /chats/{chat}/campaigns", campaigns.ShareCampaign, campaigns.CampaignShared, 201),
    ("POST /campaigns/{campaign}/coupons", coupons.ClaimCoupon, coupons.CouponClaimed, 201),
    ("POST /coupons/{coupon}/give", coupons.GiveCoupon, coupons.CouponGiven, 200),
    ("POST /merchants/{merchant}/redemptions", counter.RedeemCoupon, counter.CouponRedeemed, 201),
    ("POST /redemptions/{redemption}/cancel", counter.CancelRedemption, counter.CouponRedeemed, 200),
    ("POST /billers", billers.AddBiller, billers.BillerAdded, 201),
    ("PATCH /billers/{biller}", billers.UpdateBiller, billers.BillerAdded, 200),
    ("POST /bills/payments", bills.PayBill, bills.BillPaid, 201),
    ("POST /bills/saved", saved.SaveBill, saved.BillSaved, 201),
    ("PATCH /bills/saved/{saved}", saved.UpdateSavedBill, Done, 200),
    ("DELETE /bills/saved/{saved}", saved.RemoveSavedBill, Done, 200),
    ("PUT /bills/saved/{saved}/autopay", saved.SetAutopay, saved.BillSaved, 200),
    ("DELETE /bills/saved/{saved}/autopay", saved.StopAutopay, Done, 200),
    ("POST /chats/{chat}/splits", splits.MakeSplit, splits.SplitMade, 201),
    ("POST /splits/{split}/pay", splits.PaySplit, splits.SplitPaid, 200),
    ("POST /splits/{split}/close", splits.CloseSplit, Done, 200),
    ("POST /billers/{biller}/settlements", files.MakeSettlement, files.SettlementMade, 201),
    ("POST /billers/settlements/{settlement}/settled", files.ConfirmSettlement, files.SettlementMade, 200),
    ("POST /chats/{chat}/calls", calls.StartCall, calls.CallStarted, 201),
    ("POST /calls/{call}/ringing", calls.RingCall, Done, 200),
    ("POST /calls/{call}/join", calls.JoinCall, calls.CallStarted, 200),
    ("POST /calls/{call}/decline", calls.DeclineCall, Done, 200),
    ("POST /calls/{call}/leave", calls.LeaveCall, Done, 200),
    ("POST /calls/{call}/people", calls.InviteToCall, Done, 200),
    ("POST /calls/{call}/signals", calls.SignalCall, Done, 200),
    ("PUT /calls/{call}/state", calls.SetLeg, Done, 200),
    ("PUT /calls/{call}/here", calls.KeepCall, Done, 200),
    ("PUT /calls/{call}/rating", history.RateCall, Done, 200),
    ("POST /calls/forgotten", history.ForgetCalls, Done, 200),
    ("POST /calls/phone", phone.Dial, phone.PhonePlaced, 201),
    ("POST /calls/phone/{call}/answer", phone.AnswerPhone, phone.PhonePlaced, 200),
    ("POST /calls/phone/{call}/rejoin", phone.RejoinPhone, Done, 200),
    ("PUT /calls/phone/{call}/here", phone.KeepPhone, Done, 200),
    ("POST /calls/phone/{call}/hang-up", phone.HangUp, Done, 200),
    ("PUT /calls/phone/policy", policy.SetPhonePolicy, Done, 200),
    ("POST /calls/decks", rates.ImportDeck, rates.DeckImported, 201),
    ("DELETE /calls/decks/{deck}", rates.RemoveDeck, Done, 200),
    ("POST /calls/trunks", trunks.AddTrunk, trunks.TrunkAdded, 201),
    ("PATCH /calls/trunks/{trunk}", trunks.UpdateTrunk, Done, 200),
    ("DELETE /calls/trunks/{trunk}", trunks.RemoveTrunk, Done, 200),
    ("PUT /calls/numbers/{number}", trunks.AssignNumber, Done, 200),
    ("DELETE /calls/numbers/{number}", trunks.RemoveNumber, Done, 200),
)
