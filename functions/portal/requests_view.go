package portal

import (
	"time"

	"github.com/okence/okence/shared/access"
	"github.com/okence/okence/shared/domain/dsar"
	"github.com/okence/okence/shared/policy"
	"github.com/okence/okence/shared/work"
)

// requestView is a request as it goes out (schema Request).
type requestView struct {
	ID          string            `json:"id"`
	ContactID   string            `json:"contact_id"`
	State       dsar.State        `json:"state"`
	ReceivedAt  time.Time         `json:"received_at"`
	DueAt       time.Time         `json:"due_at"`
	UnpausedAt  time.Time         `json:"unpaused_at,omitzero"`
	LatestAt    time.Time         `json:"latest_at"`
	TellBy      time.Time         `json:"tell_by"`
	PausedAt    time.Time         `json:"paused_at,omitzero"`
	ClosedAt    time.Time         `json:"closed_at,omitzero"`
	Extended    *extensionView    `json:"extended,omitempty"`
	Language    string            `json:"language,omitempty"`
	Service     string            `json:"service,omitempty"`
	Marketing   bool              `json:"marketing,omitempty"`
	Items       []itemView        `json:"items"`
	Handovers   []handoverView    `json:"handovers,omitempty"`
	Identity    identityView      `json:"identity"`
	Covers      []string          `json:"covers"`
	Recognition *recognitionView  `json:"recognition,omitempty"`
	Complaints  []complaintView   `json:"complaints,omitempty"`
	ByPost      []string          `json:"by_post,omitempty"`
	Name        string            `json:"name,omitempty"`
	Address     string            `json:"address,omitempty"`
	Text        string            `json:"text,omitempty"`
	Statement   string            `json:"statement,omitempty"`
	Words       map[string]string `json:"words,omitempty"`

	Representative string `json:"representative,omitempty"`
}

type extensionView struct {
	At     time.Time `json:"at"`
	Ground string    `json:"ground"`
	ToldAt time.Time `json:"told_at,omitzero"`
	Lapsed bool      `json:"lapsed,omitempty"`
}

type itemView struct {
	Right   dsar.Right     `json:"right"`
	Scope   dsar.Scope     `json:"scope"`
	State   dsar.ItemState `json:"state"`
	By      string         `json:"by,omitempty"`
	Outcome dsar.Outcome   `json:"outcome,omitempty"`
	Reason  string         `json:"reason,omitempty"`
	Ground  string         `json:"ground,omitempty"`
	Result  dsar.Result    `json:"result,omitempty"`
}

type handoverView struct {
	ID        string             `json:"id"`
	Incoming  bool               `json:"incoming,omitempty"`
	Case      dsar.Case          `json:"case"`
	Party     string             `json:"party"`
	State     dsar.HandoverState `json:"state"`
	At        time.Time          `json:"at"`
	ReceiptAt time.Time          `json:"receipt_at,omitzero"`
	AnswerAt  time.Time          `json:"answer_at,omitzero"`
	MeetingBy time.Time          `json:"meeting_by,omitzero"`
	Our       string             `json:"our,omitempty"`
	Their     string             `json:"their,omitempty"`
	Answered  time.Time          `json:"answered_at,omitzero"`
}

type identityView struct {
	Need        dsar.Need  `json:"need,omitempty"`
	AskedAt     time.Time  `json:"asked_at,omitzero"`
	ProvedAt    time.Time  `json:"proved_at,omitzero"`
	LockedUntil time.Time  `json:"locked_until,omitzero"`
	PostOffered time.Time  `json:"post_offered_at,omitzero"`
	Links       []linkView `json:"links,omitempty"`
}

type linkView struct {
	ContactID  string     `json:"contact_id"`
	Means      dsar.Means `json:"means"`
	Confidence int        `json:"confidence"`
	Shared     bool       `json:"shared,omitempty"`
	At         time.Time  `json:"at"`
}

type recognitionView struct {
	MessageID  string       `json:"message_id"`
	Confidence int          `json:"confidence"`
	Verdict    dsar.Verdict `json:"verdict,omitempty"`
	Reviewed   bool         `json:"reviewed,omitempty"`
}

type complaintView struct {
	ID          string    `json:"id"`
	At          time.Time `json:"at"`
	ForwardedAt time.Time `json:"forwarded_at,omitzero"`
}

// viewRequest shows the clear part. The person concerned sees no link: what is
// unproven is not even hinted at.
func viewRequest(r *dsar.Request, role access.Role) requestView {
	v := requestView{
		ID: r.ID, ContactID: r.ContactID, State: r.State, ReceivedAt: r.ReceivedAt, DueAt: r.Clock.DueAt, UnpausedAt: r.Clock.UnpausedAt, LatestAt: r.Clock.LatestAt,
		TellBy: r.Clock.TellBy, PausedAt: r.Clock.PausedAt, ClosedAt: r.ClosedAt, Language: r.Language, Service: r.Service, Marketing: r.Marketing,
		Items: make([]itemView, 0, len(r.Items)), Covers: append([]string{}, r.Covered()...),
		Identity: identityView{Need: r.Identity.Need, AskedAt: r.Identity.AskedAt, ProvedAt: r.Identity.ProvedAt, LockedUntil: r.Identity.LockedUntil, PostOffered: r.Identity.PostOffered},
	}
	if x := r.Clock.Extension; x != nil {
		v.Extended = &extensionView{x.At, x.Ground, x.ToldAt, x.Lapsed}
	}
	for _, i := range r.Items {
		w := itemView{Right: i.Right, Scope: i.Scope, State: i.State, By: i.By, Result: i.Result}
		if i.Decision != nil {
			w.Outcome, w.Reason, w.Ground = i.Decision.Outcome, i.Decision.Reason, i.Decision.Ground
		}
		v.Items = append(v.Items, w)
	}
	show := func(h dsar.Handover, incoming bool) {
		v.Handovers = append(v.Handovers, handoverView{h.ID, incoming, h.Case, h.Party, h.State, h.At, h.ReceiptAt, h.AnswerAt, h.MeetingBy, h.Our, h.Their, h.AnsweredAt})
	}
	for _, h := range r.Handovers {
		show(h, false)
	}
	if r.Origin != nil {
		show(*r.Origin, true)
	}
	for _, c := range r.Complaints {
		v.Complaints = append(v.Complaints, complaintView{c.ID, c.At, c.ForwardedAt})
	}
	if role == access.Subject {
		return v
	}
	for _, l := range r.Identity.Links {
		v.Identity.Links = append(v.Identity.Links, linkView{l.ContactID, l.Means, l.Confidence, l.Shared, l.At})
	}
	if k := r.Recognition; k != nil {
		v.Recognition = &recognitionView{k.MessageID, k.Confidence, k.Verdict, k.ReviewedBy != ""}
	}
	for _, p := range r.ByPost {
		v.ByPost = append(v.ByPost, p.Template)
	}
	return v
}

// party is which party of the pack this deployment acts as (functions/dsar).
func (f *function) party(u *work.Unit, t *policy.Terms) string {
	if p := f.parties[u.Tenant()]; p != "" {
		return p
	}
	return t.Self()
}
