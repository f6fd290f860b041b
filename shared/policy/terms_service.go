package policy

import (
	"strings"
	"time"
)

// ClassRules says how a person's class is found where no line tells it.
type ClassRules struct {
	Default Class             `json:"default,omitempty"`
	Only    map[Channel]Class `json:"only,omitempty"` // channels open to one class (K02: self-service)
}

// Line is an address or account of ours and the class of person it serves.
type Line struct {
	Channel Channel  `json:"channel"`
	Account []string `json:"account"` // spellings of the address; "*" is every account of the channel
	Class   Class    `json:"class"`
	Label   string   `json:"label,omitempty"`
	Service string   `json:"service,omitempty"`
}

// ClassFor tells which class of person the account of a channel serves (K02).
// Phone numbers match in any spelling, mail addresses without case. Without a
// line the channel's only class or the default class is given and line is "".
func (t *Terms) ClassFor(channel Channel, account string) (class Class, line string) {
	key := t.account(channel, account)
	wild := ""
	for id, l := range t.Lines {
		if l.Channel != channel {
			continue
		}
		for _, a := range l.Account {
			if a == "*" {
				wild = id
			} else if t.account(channel, a) == key {
				return l.Class, id
			}
		}
	}
	if wild != "" {
		return t.Lines[wild].Class, wild
	}
	if c, ok := t.Classes.Only[channel]; ok {
		return c, ""
	}
	return t.Classes.Default, ""
}

// account is the spelling-free form of an address on a channel.
func (t *Terms) account(channel Channel, account string) string {
	account = strings.ToLower(strings.TrimSpace(account))
	switch channel {
	case Voice, SMS, WhatsApp, Viber:
	default:
		return account
	}
	digits := strings.Map(func(r rune) rune {
		if r >= '0' && r <= '9' {
			return r
		}
		return -1
	}, account)
	if len(digits) < 3 {
		return account // an account name, not a number
	}
	switch {
	case strings.HasPrefix(digits, "00"):
		return digits[2:]
	case strings.HasPrefix(digits, "0"):
		return t.dialCode + digits[1:]
	}
	return digits
}

// Service is an e-service of a user body that gets first-level support.
type Service struct {
	Title      string                       `json:"title"`
	Custodian  string                       `json:"custodian"` // party id; second level
	Queue      string                       `json:"queue,omitempty"`
	Levels     int                          `json:"levels,omitempty"` // 2: first level and one custodian
	Peer       string                       `json:"peer,omitempty"`   // name of the organisation's own system, where the second level works there
	Classes    []Class                      `json:"classes,omitempty"`
	Channels   []Channel                    `json:"channels,omitempty"`
	Fields     map[System]map[Class][]Field `json:"fields,omitempty"`   // what may be kept (K09)
	Escalate   map[Class][]Field            `json:"escalate,omitempty"` // what the second level sees (K03)
	Targets    Targets                      `json:"targets,omitzero"`   // what this service has instead of the terms' targets
	Keywords   []string                     `json:"keywords,omitempty"`
	PrivacyURL string                       `json:"privacy_url,omitempty"`
}

// Escalation is how tickets go to the next level of support (K03).
type Escalation struct {
	Accept Span      `json:"accept,omitzero"` // working time within which the next level accepts or returns
	Warn   []float64 `json:"warn,omitempty"`  // shares of that time at which people are warned, rising, below 1
	View   Span      `json:"view,omitzero"`   // for how long a wider view is granted, elapsed time
}

// Labour is what time spent costs (S05).
type Labour struct {
	Hour     int    `json:"hour"`     // price in hundredths of the currency
	Currency string `json:"currency"` // ISO 4217
}

// Hours are weekly opening hours. From is inclusive, To exclusive (K01).
type Hours struct {
	Days     []string  `json:"days,omitempty"` // mon … sun
	From     ClockTime `json:"from,omitempty"`
	To       ClockTime `json:"to,omitempty"`
	Holidays string    `json:"holidays,omitempty"` // "closed" on work-free days
}

// Conversation says when a conversation ends by itself and who may join two.
type Conversation struct {
	Idle       map[Channel]Span `json:"idle,omitempty"`
	IdleOther  Span             `json:"idle_other,omitzero"`   // channels not named in idle
	Merge      []Person         `json:"merge,omitempty"`       // who may merge two conversations (K04)
	History    string           `json:"history,omitempty"`     // "contact": one history across channels (K04)
	KeepsClass *bool            `json:"keeps_class,omitempty"` // after a merge each part keeps its class (A8)
}

// IdleFor is [Conversation.IdleOn] as a duration, a day being 24 hours. Packs
// give idle times in minutes, hours or days.
func (c Conversation) IdleFor(channel Channel) time.Duration {
	s := c.IdleOn(channel)
	if d, ok := s.Elapsed(); ok {
		return d
	}
	return time.Duration(s.N) * 24 * time.Hour
}

// IdleOn is how long a conversation on channel may be silent before it ends.
func (c Conversation) IdleOn(channel Channel) Span {
	if s, ok := c.Idle[channel]; ok {
		return s
	}
	return c.IdleOther
}

// Text is a notice or answer in every language of the pack. Braces name what
// the sender fills in: {opens}, {deadline}, {reason} …
type Text struct {
	Version string              `json:"version,omitempty"`
	In      map[Language]string `json:"in"`
}

// Text is the text for key in language, or in the pack's first language that
// has it; ok is false when there is none. Keys of a pack hold no dots:
// "voice.prompt" is voice_prompt there.
func (t *Terms) Text(key string, language Language) (text, version string, ok bool) {
	x, found := t.Texts[strings.ReplaceAll(key, ".", "_")]
	if !found {
		return "", "", false
	}
	if s, ok := x.In[language]; ok {
		return s, x.Version, true
	}
	for _, l := range t.languages {
		if s, ok := x.In[l]; ok {
			return s, x.Version, true
		}
	}
	return "", "", false
}

// Operations is availability: maintenance, support, outages.
type Operations struct {
	MaintenanceNotice Span   `json:"maintenance_notice,omitzero"` // least time before planned work (S04)
	Response          Span   `json:"response,omitzero"`           // support answers within (S05)
	Price             string `json:"price,omitempty"`
	Labour            Labour `json:"labour,omitzero"`      // what time spent on a ticket costs (S05)
	RestoreAge        Span   `json:"restore_age,omitzero"` // oldest data after an outage (S07)
	Backups           string `json:"backups,omitempty"`    // who keeps them
	BackupExpiry      Span   `json:"backup_expiry,omitzero"`
	ReplayErasures    *bool  `json:"replay_erasures,omitempty"` // a restore repeats the erasures (P13)
}

// Changes is how terms, purposes and specifications change.
type Changes struct {
	InForceAfter Span           `json:"in_force_after,omitzero"` // days after signature (K30)
	Notice       Span           `json:"notice,omitzero"`         // least days between notice and effect (S09)
	Withdraw     Span           `json:"withdraw,omitzero"`       // last day to withdraw, before effect (S09)
	WithdrawLate Span           `json:"withdraw_late,omitzero"`  // the same for who was told when that day was over (S09)
	Accept       string         `json:"accept,omitempty"`        // how terms are accepted (S01)
	Approvals    map[string]int `json:"approvals,omitempty"`     // written approvals needed, by kind of change (K08)
}

// Ending is how the contract ends and what follows (S16, S21, L08, L14).
type Ending struct {
	Notice     Span   `json:"notice,omitzero"`
	Idle       Span   `json:"idle,omitzero"`        // unused for longer: ends (S21)
	ReturnData Span   `json:"return_data,omitzero"` // data back and copies erased within
	Format     string `json:"format,omitempty"`
	Copies     string `json:"copies,omitempty"`
	Choice     string `json:"choice,omitempty"` // who chooses between return and erasure
	LongerKept string `json:"longer_kept,omitempty"`
}

// Recurring is evidence that falls due regularly.
type Recurring struct {
	What   string  `json:"what"`
	Every  Span    `json:"every,omitzero"`  // at least this often
	Within Span    `json:"within,omitzero"` // once, this long after the event
	Kind   Measure `json:"kind"`
}

// MeasureRecord is a rule kept in words because nothing in it varies.
type MeasureRecord struct {
	Kind Measure `json:"kind"`
	Text string  `json:"text"`
}

// AccessRules are password, lock and log-in terms (K28, S02, M02, M03, P22 to P24).
type AccessRules struct {
	Password     Password `json:"password,omitzero"`
	LockAfter    Span     `json:"lock_after,omitzero"` // idle screen
	SecondFactor *bool    `json:"second_factor,omitempty"`
	Methods      []string `json:"methods,omitempty"` // any one suffices
	PINDigits    int      `json:"pin_digits,omitempty"`
	FailedLogins int      `json:"failed_logins,omitempty"` // then blocked for Block
	Block        Span     `json:"block,omitzero"`
	Recertify    Span     `json:"recertify,omitzero"`     // list of who has access is reviewed
	RegisterKept Span     `json:"register_kept,omitzero"` // approved access requests
	Remote       string   `json:"remote,omitempty"`
	Transit      string   `json:"transit,omitempty"`
	AtRest       string   `json:"at_rest,omitempty"`
}

// Password is a password rule.
type Password struct {
	MinLength int      `json:"min_length,omitempty"`
	Contains  []string `json:"contains,omitempty"`
	MaxAge    Span     `json:"max_age,omitzero"`
	Shared    *bool    `json:"shared,omitempty"`
}
