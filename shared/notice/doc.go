// Package notice writes letters from templates and puts them on their way, as
// part of the unit of work of the fact that asks for them:
//
//	n, err := notice.Queue(ctx, u, env, notice.Letter{
//		Template: "incident.service", Language: "sl",
//		Values:    map[string]string{"service": "SPOT", …},
//		To:        notice.To{Party: "user-body", Mailbox: "incident@business.example"},
//		About:     deadline.Ref{Kind: "outage", ID: id},
//		ConfirmBy: now.Add(2 * time.Hour), Otherwise: []notice.Recipient{…},
//	})
//
// Queue stores an outbound message, which functions/delivery sends, and a
// record.Notices entry with the SHA-256 of what was written; the ledger has
// that hash too. Proof of sending is the message's state (State). An
// organisation gets a contact, a conversation for each matter, and mail to its
// mailbox, so that its answer comes back into that conversation. A person is
// written to on a channel that they used.
//
// Reply puts on its way what a person of ours, or a rule, writes to somebody in
// a conversation. Content goes to an address that belonged to that conversation
// itself, or that has been verified since it was merged. Else a bare notice goes
// there, which says only that there is an answer.
//
// Templates are texts with {values}, in sl, en and sk, one YAML file for each
// area in texts:
//
//	incident.service:
//	  version: "2026-11-01"
//	  values: [service, urgency]
//	  secret: [urgency]  # only the addressee reads it (message.Mask)
//	  subject: {sl: …, en: …, sk: …}
//	  text: {sl: …, en: …, sk: …}
//
// They load strictly: a language that is missing or empty, a blank that is no
// value, a value that a language leaves out, an unknown key, a name twice. At
// Queue every value must be given, and no other.
package notice
