package mime

import (
	"net/mail"
	"strings"

	"github.com/okence/okence/shared/channel"
	"github.com/okence/okence/shared/domain/message"
)

const (
	maxAddresses = 200
	maxList      = 32 << 10 // bytes of a field that the strict parser is given
	maxAddress   = 320      // RFC 5321, 4.5.3.1: 64 + 1 + 255
)

// addresses reads an address field: by the rules, else by what looks like an
// address in it (an encoded word may hold a bare comma, a list a stray colon).
func addresses(value string) []message.Party {
	value = utf(value, "")
	var out []message.Party
	if len(value) <= maxList {
		p := mail.AddressParser{WordDecoder: &word}
		if list, err := p.ParseList(value); err == nil {
			for _, a := range list {
				if who := party(a.Address, a.Name); who.Address != "" && len(out) < maxAddresses {
					out = append(out, who)
				}
			}
			if len(out) > 0 {
				return out
			}
		}
	}
	return loose(value)
}

// loose finds every <address>, the name before it, and bare addresses.
func loose(value string) []message.Party {
	var out []message.Party
	for _, chunk := range strings.SplitAfter(value, ">") {
		before, after, ok := strings.Cut(chunk, "<")
		if ok {
			if i := strings.LastIndexByte(after, '<'); i >= 0 {
				after = after[i+1:]
			}
			if who := party(strings.TrimSuffix(after, ">"), strings.Trim(decode(before), ` ",;`)); who.Address != "" {
				if out = append(out, who); len(out) >= maxAddresses {
					return out
				}
				continue
			}
		}
		for _, t := range strings.FieldsFunc(chunk, func(r rune) bool { return strings.ContainsRune(" \t,;<>()\"'[]", r) }) {
			if who := party(strings.TrimPrefix(t, "mailto:"), ""); who.Address != "" {
				if out = append(out, who); len(out) >= maxAddresses {
					return out
				}
			}
		}
	}
	return out
}

// party is one person by mail; nobody where it is no address.
func party(address, name string) message.Party {
	clean := channel.Line(address)
	at := strings.LastIndexByte(clean, '@')
	if at < 1 || at == len(clean)-1 || len(clean) > maxAddress || strings.ContainsAny(clean[at:], " <>(),;:\\\"") || strings.ContainsAny(clean[:at], "<>\\") ||
		strings.Contains(clean[:at], " ") && !strings.HasPrefix(clean, `"`) {
		return message.Party{}
	}
	p := message.Party{
		Scheme:  message.Mailto,
		Address: clean[:at] + strings.ToLower(clean[at:]),
		Name:    decode(name), // also within quotes, where RFC 2047 forbids it
	}
	if p.Address != clean {
		p.Raw = clean
	}
	if strings.EqualFold(p.Name, clean) {
		p.Name = ""
	}
	return p
}

// sender is who wrote: From, and where that has no address, what else says it.
func sender(h header) message.Party {
	for _, f := range []string{"from", "sender", "reply-to", "return-path"} {
		if list := addresses(h.get(f)); len(list) > 0 {
			who := list[0]
			if who.Name == "" && f != "from" {
				who.Name = strings.Trim(decode(h.get("from")), `"'() `)
			}
			return who
		}
	}
	return message.Party{Name: strings.Trim(decode(h.get("from")), `"'() `)}
}

// recipients are ours first: the fields that a server writes on delivery, of
// which the topmost counts (the others came with the mail), then To and Cc.
func recipients(h header) []message.Party {
	seen := map[string]bool{}
	var out []message.Party
	for _, f := range []string{"x-original-to", "delivered-to", "envelope-to", "to", "cc"} {
		for _, p := range addresses(h.get(f)) {
			if !seen[p.Address] && len(out) < maxAddresses {
				seen[p.Address] = true
				out = append(out, p)
			}
		}
	}
	return out
}
