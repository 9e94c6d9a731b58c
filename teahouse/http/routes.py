"""Which live command has which HTTP twin (docs/api.md shows this table; a test holds them together)."""

from teahouse.chat import model as chat
from teahouse.commands import Done
from teahouse.http.twins import Route
from teahouse.media import model as media
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
)
