package portal

import (
	"context"
	"fmt"
	"slices"

	"github.com/okence/okence/events"
	"github.com/okence/okence/shared/access"
	"github.com/okence/okence/shared/domain/dsar"
	"github.com/okence/okence/shared/fault"
	"github.com/okence/okence/shared/policy"
	"github.com/okence/okence/shared/record"
	"github.com/okence/okence/shared/work"
)

// judgeRequest takes an adviser's verdict, or an officer's on one under review.
func (f *function) judgeRequest(ctx context.Context, u *work.Unit, c *call) (answer, error) {
	r, err := f.request(ctx, u, c)
	if err != nil {
		return answer{}, err
	}
	var b struct {
		Verdict dsar.Verdict `json:"verdict"`
		Asks    []events.Ask `json:"asks"`
	}
	if err := decode(c.body, &b); err != nil {
		return answer{}, err
	}
	if b.Verdict.Validate() != nil || len(b.Asks) > 0 && (&events.DsarRecognised{MessageID: "m", ContactID: "c", ReceivedAt: u.Now(), Confidence: 1, Asks: b.Asks}).Validate() != nil {
		return answer{}, newProblem("invalid", "verdict must be request or no_request, asks rights and scopes")
	}
	if r.State == dsar.Review {
		if c.who.Role != access.Officer {
			return answer{}, newProblem("forbidden", "")
		}
		err = r.Look(b.Verdict, u.Actor().ID, u.Now())
	} else {
		err = r.Judge(b.Verdict, u.Actor().ID, u.Now(), events.Keys(b.Asks)...)
	}
	switch {
	case err != nil:
		return answer{}, err
	case b.Verdict == dsar.IsRequest:
		return stepped(ctx, u, r, events.StepConfirmed, "")
	}
	return stepped(ctx, u, r, events.StepDismissed, "")
}

// verificationBody is one step of checking who asks (schema RequestVerification).
type verificationBody struct {
	Challenge string     `json:"challenge"`
	Code      string     `json:"code"`
	Address   string     `json:"address"`
	Send      bool       `json:"send"`
	Need      dsar.Need  `json:"need"`
	Means     dsar.Means `json:"means"`
	ContactID string     `json:"contact_id"`
	Shared    bool       `json:"shared"`
	Merge     bool       `json:"merge"`
	Post      bool       `json:"post"`
	Authority bool       `json:"authority"`
}

// verified answers a step of verification (schema RequestVerified). Proved is
// whether the code was right; it says nothing of addresses.
type verified struct {
	ID        string `json:"id"`
	Challenge string `json:"challenge,omitempty"`
	Proved    bool   `json:"proved"`
}

func (f *function) verifyRequest(ctx context.Context, u *work.Unit, c *call) (answer, error) {
	r, err := f.request(ctx, u, c)
	if err != nil {
		return answer{}, err
	}
	var b verificationBody
	if err := decode(c.body, &b); err != nil {
		return answer{}, err
	}
	if len(b.Code) > 64 || len(b.Address) > 254 || (b.Code != "" && !idShape.MatchString(b.Challenge)) {
		return answer{}, newProblem("invalid", "code, address or challenge is not of the published form")
	}
	terms, err := f.terms(u, r)
	if err != nil {
		return answer{}, err
	}
	switch {
	case b.Code != "":
		return tryCode(ctx, u, r, b, terms)
	case b.Send:
		return sendCode(ctx, u, r, b, terms)
	case c.who.Role != access.Officer:
		return answer{}, newProblem("invalid", "send a code, or return one")
	}
	return f.officerVerifies(ctx, u, r, b, terms)
}

// tryCode compares a code. A wrong one is counted, so it is no error.
func tryCode(ctx context.Context, u *work.Unit, r *dsar.Request, b verificationBody, t *policy.Terms) (answer, error) {
	hash, err := dsar.CodeHash(func(parts ...string) (string, error) { return u.Hash(ctx, dsar.CodeLabel, parts...) }, r.ID, b.Challenge, b.Code)
	if err != nil {
		return answer{}, err
	}
	right := r.Try(b.Challenge, hash, t.CodeTerms(), u.Now())
	work.Save(u, record.Requests, r)
	if right {
		if err := u.Emit(ctx, r.ID, &events.DsarStepTaken{Request: r.ID, Step: events.StepProved, Ref: b.Challenge}); err != nil {
			return answer{}, err
		}
	}
	return answer{body: verified{ID: r.ID, Challenge: b.Challenge, Proved: right}}, nil
}

// sendCode asks for a code to an address. Whether we know it, nobody is told:
// the answer goes out before anything is looked up.
func sendCode(ctx context.Context, u *work.Unit, r *dsar.Request, b verificationBody, t *policy.Terms) (answer, error) {
	id, err := u.NewID(ctx, "challenge")
	if err != nil {
		return answer{}, err
	}
	if err := r.Challenge(id, b.Address, t.CodeTerms(), u.Now()); err != nil {
		return answer{}, err
	}
	if _, err := stepped(ctx, u, r, events.StepChallenged, id); err != nil {
		return answer{}, err
	}
	return answer{body: verified{ID: r.ID, Challenge: id}}, nil
}

// officerVerifies: doubt, evidence, a representative's authority, post.
func (f *function) officerVerifies(ctx context.Context, u *work.Unit, r *dsar.Request, b verificationBody, t *policy.Terms) (answer, error) {
	step, by := events.StepProved, u.Actor().ID
	switch {
	case b.Need != "":
		limits, err := t.RequestTerms()
		if err != nil {
			return answer{}, fault.New(fault.Internal, "portal: the pack's terms of requests: %s", err)
		}
		if b.Need.Validate() != nil {
			return answer{}, newProblem("invalid", "need is none of the published ones")
		}
		if _, err := r.AskIdentity(limits, b.Need, by, u.Now()); err != nil {
			return answer{}, err
		}
		step = events.StepAsked
	case b.Authority:
		if err := r.CheckAuthority(by, u.Now()); err != nil {
			return answer{}, err
		}
	case b.Post:
		if err := r.OfferPost(by, u.Now()); err != nil {
			return answer{}, err
		}
		step = events.StepPost
	case b.Means != "" && idShape.MatchString(b.ContactID):
		l := dsar.Link{ContactID: b.ContactID, Means: b.Means, Shared: b.Shared, By: by, At: u.Now()}
		if !slices.Contains([]dsar.Means{dsar.ByOfficer, dsar.ByLast, dsar.BySight, dsar.ByPost}, b.Means) {
			return answer{}, newProblem("invalid", "an officer's evidence is officer, last_communication, in_person or post")
		}
		p, err := work.Peek(ctx, u, record.Contacts, b.ContactID)
		if err != nil {
			return answer{}, err
		}
		if b.Merge { // it stands as long as the merge does
			if p.Merge == "" {
				return answer{}, newProblem("not_merged", "")
			}
			l.Edge = p.Merge
		}
		if err := r.Link(l); err != nil {
			return answer{}, err
		}
	default:
		return answer{}, newProblem("invalid", "say what is checked")
	}
	if _, err := stepped(ctx, u, r, step, ""); err != nil {
		return answer{}, err
	}
	return answer{body: verified{ID: r.ID, Proved: !r.Identity.ProvedAt.IsZero()}}, nil
}

// handOverRequest settles who answers.
func (f *function) handOverRequest(ctx context.Context, u *work.Unit, c *call) (answer, error) {
	r, err := f.request(ctx, u, c)
	if err != nil {
		return answer{}, err
	}
	var b struct {
		Found     dsar.Case             `json:"found"`
		Party     string                `json:"party"`
		Handover  string                `json:"handover"`
		Answer    events.HandoverAnswer `json:"answer"`
		Competent string                `json:"competent"`
	}
	if err := decode(c.body, &b); err != nil {
		return answer{}, err
	}
	terms, err := f.terms(u, r)
	if err != nil {
		return answer{}, err
	}
	switch {
	case b.Found != "":
		if b.Found.Validate() != nil || terms.Parties[b.Party].Name == "" {
			return answer{}, newProblem("ground_unlisted", "found and party must be of the published sets")
		}
		if r.State != dsar.Open && r.State != dsar.Verifying || r.Origin != nil {
			return answer{}, dsar.ErrState
		}
		r.Found, r.FoundParty = b.Found, b.Party
		return stepped(ctx, u, r, events.StepRouted, "")
	case b.Answer == events.AnswerNamed:
		h := r.Handover(b.Handover)
		if h == nil {
			return answer{}, dsar.ErrNoHandover
		}
		us := f.party(u, terms)
		if _, err := r.Nominate(b.Handover, us, us, b.Competent, u.Now()); err != nil {
			return answer{}, err
		}
		return stepped(ctx, u, r, events.StepNamed, b.Handover)
	case b.Answer == events.AnswerAccepted:
		if err := r.Accept(f.party(u, terms), u.Now()); err != nil {
			return answer{}, err
		}
		return stepped(ctx, u, r, events.StepAccepted, "")
	}
	return answer{}, newProblem("invalid", "say who was found to answer, or answer a hand-over")
}

// extendRequest takes the extension, with a ground of the terms and a reason in
// words.
func (f *function) extendRequest(ctx context.Context, u *work.Unit, c *call) (answer, error) {
	r, err := f.request(ctx, u, c)
	if err != nil {
		return answer{}, err
	}
	var b struct {
		Ground string `json:"ground"`
		Reason string `json:"reason"`
	}
	if err := decode(c.body, &b); err != nil {
		return answer{}, err
	}
	terms, err := f.terms(u, r)
	if err != nil {
		return answer{}, err
	}
	if !slices.Contains(terms.Requests.Extension.Grounds, b.Ground) {
		return answer{}, dsar.ErrGround
	}
	if err := r.Extend(u.Actor().ID, b.Ground, u.Now()); err != nil {
		return answer{}, err
	}
	r.Say("extension", b.Reason)
	return stepped(ctx, u, r, events.StepExtended, "")
}

// decideRequest takes an officer's decision on one right.
func (f *function) decideRequest(ctx context.Context, u *work.Unit, c *call) (answer, error) {
	r, err := f.request(ctx, u, c)
	if err != nil {
		return answer{}, err
	}
	var b struct {
		Right   dsar.Right   `json:"right"`
		Scope   dsar.Scope   `json:"scope"`
		Outcome dsar.Outcome `json:"outcome"`
		Reason  string       `json:"reason"`
		Ground  string       `json:"ground"`
		Words   string       `json:"words"`
	}
	if err := decode(c.body, &b); err != nil {
		return answer{}, err
	}
	k := events.Ask{Right: b.Right, Scope: b.Scope}.Key()
	if b.Right.Validate() != nil || k.Scope.Validate() != nil || b.Outcome.Validate() != nil {
		return answer{}, newProblem("invalid", "right, scope or outcome is none of the published ones")
	}
	terms, err := f.terms(u, r)
	if err != nil {
		return answer{}, err
	}
	competence, _ := terms.Competence(k)
	d := dsar.Decision{By: u.Actor().ID, At: u.Now(), Outcome: b.Outcome, Reason: b.Reason, Ground: b.Ground}
	if d.Outcome == dsar.Refused && d.Reason == "" {
		d.Reason = competence.Reason // what the terms refuse, they give the reason for
	}
	choice := dsar.Choice{Terms: dsar.Outcome(competence.Outcome), Grounds: grounds(terms, k, b.Outcome, d.Reason)}
	if err := r.Decide(k, d, choice); err != nil {
		return answer{}, err
	}
	r.Say(k.String(), b.Words)
	return stepped(ctx, u, r, events.StepDecided, k.String())
}

// grounds is the pack's list that a decision must name a ground from: to grant
// erasure or restriction; to refuse erasure, but where the terms themselves do or
// identity could not be shown (GDPR arts. 17, 18, 12(6)).
func grounds(t *policy.Terms, k dsar.Key, o dsar.Outcome, reason string) []string {
	switch {
	case o != dsar.Refused && (k.Right == dsar.Erasure || k.Right == dsar.Restriction):
		return t.Rights[string(k.Right)].Items
	case o == dsar.Refused && k.Right == dsar.Erasure && k.Scope == dsar.Data && reason != "reason_identity":
		return append(slices.Clone(t.Rights["erasure_refusal"].Items), "no ground applies")
	}
	return nil
}

// adviseRequest records the data protection officer's advice.
func (f *function) adviseRequest(ctx context.Context, u *work.Unit, c *call) (answer, error) {
	r, err := f.request(ctx, u, c)
	if err != nil {
		return answer{}, err
	}
	var b struct {
		Item  string `json:"item"`
		Words string `json:"words"`
	}
	if err := decode(c.body, &b); err != nil {
		return answer{}, err
	}
	if b.Words == "" || b.Item != "" && !idShape.MatchString(b.Item) {
		return answer{}, newProblem("invalid", "words must be there, item the name of one")
	}
	if err := r.Advise(dsar.Advice{By: u.Actor().ID, At: u.Now(), Item: b.Item}); err != nil {
		return answer{}, err
	}
	r.Say(dsar.WordsOf("advice", fmt.Sprint(len(r.Advice))), b.Words)
	work.Save(u, record.Requests, r)
	return answer{body: requestState{ID: r.ID, State: r.State}}, nil
}

// complainRequest registers a complaint to the authority.
func (f *function) complainRequest(ctx context.Context, u *work.Unit, c *call) (answer, error) {
	r, err := f.request(ctx, u, c)
	if err != nil {
		return answer{}, err
	}
	var b struct {
		Words string `json:"words"`
	}
	if err := decode(c.body, &b); err != nil {
		return answer{}, err
	}
	if b.Words == "" {
		return answer{}, newProblem("invalid", "words must be there")
	}
	id, err := u.NewID(ctx, "complaint")
	if err != nil {
		return answer{}, err
	}
	if err := r.Complain(dsar.Complaint{ID: id, At: u.Now(), EnteredBy: u.Actor().ID}); err != nil {
		return answer{}, err
	}
	r.Say(dsar.WordsOf("complaint", id), b.Words)
	return stepped(ctx, u, r, events.StepComplained, id)
}
