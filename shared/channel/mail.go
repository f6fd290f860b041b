package channel

import (
	"net/mail"
	"net/textproto"
	"slices"
	"strings"
	"time"

	"github.com/okence/okence/shared/domain/message"
)

const (
	maxAddress    = 320 // RFC 3696 errata 1690: 64 + @ + 255
	maxMessageID  = 998 // RFC 5322, 2.1.1: a line
	maxReferences = 100
)

// Mailbox is the party behind a mail address: the bare address with its domain
// in lower case (the local part is the other side's business, RFC 5321, 2.4).
// What isn't an address is an opaque id, as written; nothing is nobody.
func Mailbox(address, name string) message.Party {
	raw := Line(address)
	p := message.Party{Name: Line(name)}
	if raw == "" {
		return p
	}
	bare := strings.TrimSpace(strings.TrimSuffix(strings.TrimPrefix(raw, "<"), ">"))
	local, domain, ok := cutLast(bare, "@")
	if !ok || local == "" || domain == "" || len(bare) > maxAddress || strings.ContainsAny(bare, " <>,;") {
		p.Scheme, p.Address, p.Raw = message.ID, raw, raw
		return p
	}
	p.Scheme, p.Address = message.Mailto, local+"@"+strings.ToLower(domain)
	if p.Address != raw {
		p.Raw = raw
	}
	return p
}

func cutLast(s, sep string) (before, after string, ok bool) {
	i := strings.LastIndex(s, sep)
	if i < 0 {
		return s, "", false
	}
	return s[:i], s[i+len(sep):], true
}

// MessageIDs returns the ids in angle brackets of a Message-ID, In-Reply-To or
// References field, in order, each with its brackets (RFC 5322, 3.6.4); phrases
// and comments between them are left out. Where there is none, ids without
// brackets get them.
func MessageIDs(field string) []string {
	var ids []string
	for rest := field; ; {
		_, after, ok := strings.Cut(rest, "<")
		if !ok {
			break
		}
		id, next, ok := strings.Cut(after, ">")
		if !ok {
			break
		}
		if i := strings.LastIndexByte(id, '<'); i >= 0 { // what came before was no id
			id = id[i+1:]
		}
		// A folded id has its white space back from the fold: it isn't part of it.
		if id = strings.Join(strings.Fields(Line(id)), ""); id != "" && len(id) < maxMessageID-1 {
			ids = append(ids, "<"+id+">")
		}
		rest = next
	}
	if len(ids) > 0 {
		return ids
	}
	for _, t := range strings.Fields(Line(field)) {
		t = strings.Trim(t, "<>")
		if i := strings.IndexByte(t, '@'); i > 0 && i < len(t)-1 && len(t) < maxMessageID-1 {
			ids = append(ids, "<"+t+">")
		}
	}
	return ids
}

// Thread returns the message that a mail answers and the further candidates,
// the likeliest first: In-Reply-To, then References, each from its last id to
// its first (channels.md 7.4), and each id once.
func Thread(inReplyTo, references string) (replyTo string, further []string) {
	seen := map[string]bool{}
	for _, field := range []string{inReplyTo, references} {
		ids := MessageIDs(field)
		slices.Reverse(ids)
		for _, id := range ids {
			if !seen[id] && len(further) <= maxReferences {
				seen[id] = true
				further = append(further, id)
			}
		}
	}
	return first(further)
}

func first(ids []string) (string, []string) {
	switch len(ids) {
	case 0:
		return "", nil
	case 1:
		return ids[0], nil
	}
	return ids[0], ids[1:]
}

// Ours turns what a mail answers to ids of a provider that gives what we send a
// Message-ID of its own, <id@host>, with host as given or below it: before such
// an id goes the provider's own, which is what we know the mail by.
func Ours(host, replyTo string, further []string) (string, []string) {
	var out []string
	for _, id := range append([]string{replyTo}, further...) {
		if own, ok := own(host, id); ok {
			out = append(out, own)
		}
		if id != "" {
			out = append(out, id)
		}
	}
	return first(out)
}

func own(host, id string) (string, bool) {
	local, at, ok := cutLast(strings.Trim(id, "<>"), "@")
	at = strings.ToLower(at)
	return local, ok && local != "" && (at == host || strings.HasSuffix(at, "."+host))
}

// Under is what a raw mail says, as package mime read it, under the id that a
// provider received it with. id replaces the Message-ID, which stays an alias,
// and is the identity; host is where the ids of what the provider sends for us
// are (Ours); to are the envelope's recipients, which go first: the header's
// are the sender's word.
func Under(items []Item, id, host string, to []message.Party) []Item {
	for i := range items {
		it, m := &items[i], &items[i].Message
		if id != "" {
			if strings.HasPrefix(m.ProviderID, "<") {
				m.Aliases = append(m.Aliases, m.ProviderID)
			}
			m.ProviderID = id
			if it.Dedupe = "mail|" + id + "|" + it.Dedupe; m.Kind == message.Said {
				it.Dedupe = "mail|" + id
			}
		}
		m.ReplyTo, m.References = Ours(host, m.ReplyTo, m.References)
		if own, ok := own(host, m.Target); ok {
			m.Target = own
		}
		m.Recipients = Distinct(append(slices.Clone(to), m.Recipients...))
		if len(to) > 0 {
			m.Line = to[0].Address
		}
	}
	return items
}

// Distinct is each party with an address once, by its address, in order; one
// without a name takes it from a later mention.
func Distinct(parties []message.Party) []message.Party {
	at := map[string]int{}
	var out []message.Party
	for _, p := range parties {
		i, known := at[p.Address]
		switch {
		case p.Address == "":
		case !known:
			at[p.Address] = len(out)
			out = append(out, p)
		case out[i].Name == "":
			out[i].Name = p.Name
		}
	}
	return out
}

// Automatic reports whether a machine wrote a mail, or may have: such mail is
// never answered by a machine (RFC 3834, 2, and what was in use before it;
// channels.md 7.5). The first Return-Path counts: the receiving server's.
func Automatic(h textproto.MIMEHeader, from string) bool {
	if v := word(h.Get("Auto-Submitted")); v != "" && v != "no" {
		return true
	}
	if v, ok := h["Return-Path"]; ok && len(v) > 0 && strings.ReplaceAll(v[0], " ", "") == "<>" {
		return true
	}
	if word(h.Get("Content-Type")) == "multipart/report" {
		return true
	}
	switch word(h.Get("Precedence")) {
	case "bulk", "list", "junk", "auto_reply":
		return true
	}
	if v := word(h.Get("X-Auto-Response-Suppress")); v != "" && v != "none" {
		return true
	}
	for _, name := range []string{"X-Autoreply", "X-Autorespond", "X-Autoresponder", "List-Id", "List-Unsubscribe"} {
		if v := word(h.Get(name)); v != "" && v != "no" {
			return true
		}
	}
	local, _, _ := strings.Cut(strings.ToLower(from), "@")
	switch strings.NewReplacer("-", "", "_", "", ".", "").Replace(local) {
	case "mailerdaemon", "postmaster", "noreply", "donotreply":
		return true
	}
	return false
}

// word is the first word of a field, in lower case: what a parameter or a
// comment follows.
func word(v string) string {
	v, _, _ = strings.Cut(v, ";")
	v, _, _ = strings.Cut(v, "(")
	return strings.ToLower(strings.TrimSpace(v))
}

// dates are forms of Date that senders use against RFC 5322, 3.3.
var dates = []string{
	time.RFC3339, "2006-01-02 15:04:05 -0700", "2006-01-02 15:04:05 MST", "2006-01-02 15:04:05",
	time.UnixDate, time.ANSIC, "Mon, 2 Jan 2006 15:04:05", "2 Jan 2006 15:04:05",
}

// zones are the names of Central and Eastern European zones, which RFC 5322
// doesn't know; read as +0000 they would be hours off.
var zones = strings.NewReplacer(" CEST", " +0200", " CET", " +0100", " MESZ", " +0200", " MEZ", " +0100", " EEST", " +0300", " EET", " +0200", " MSK", " +0300")

// MailDate reads a Date field: the sender's word. It is UTC where no zone is
// given, and zero where it can't be read.
func MailDate(s string) time.Time {
	s = Line(s)
	if i := strings.IndexByte(s, '('); i > 0 { // a comment, often the zone's name
		s = strings.TrimSpace(s[:i])
	}
	s = zones.Replace(s)
	if t, err := mail.ParseDate(s); err == nil {
		return sane(t)
	}
	for _, layout := range dates {
		if t, err := time.Parse(layout, s); err == nil {
			return sane(t)
		}
	}
	return time.Time{}
}

// sane leaves out years that no JSON date can carry (RFC 3339: four digits).
func sane(t time.Time) time.Time {
	t = t.UTC()
	if t.Year() < 1970 || t.Year() > 9999 {
		return time.Time{}
	}
	return t
}

// MediaType is the type/subtype of a Content-Type field, in lower case, without
// parameters; "" for what isn't one.
func MediaType(field string) string {
	t := word(field)
	if kind, sub, ok := strings.Cut(t, "/"); !ok || kind == "" || sub == "" || len(t) > 127 || Line(t) != t || strings.Contains(t, " ") {
		return ""
	}
	return t
}
