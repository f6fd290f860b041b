package portal

import (
	"errors"
	"net/http"
	"strings"

	"github.com/okence/okence/shared/access"
	"github.com/okence/okence/shared/domain/collection"
	"github.com/okence/okence/shared/domain/contact"
	"github.com/okence/okence/shared/domain/conversation"
	"github.com/okence/okence/shared/domain/dsar"
	"github.com/okence/okence/shared/domain/retention"
	"github.com/okence/okence/shared/fault"
	"github.com/okence/okence/shared/host"
	"github.com/okence/okence/shared/work"
)

// problemBase is before the name of a problem in its type. The types are
// stable: a client may rely on them.
const problemBase = "urn:okence:problem:"

// problem is an error that says itself to the client what went wrong. Nothing in
// it is a value that somebody sent or that is stored: its detail is constant
// text and opaque ids.
type problem struct{ host.Problem }

// Error is the problem's type.
func (p *problem) Error() string { return p.Type }

// name is the last part of its type.
func (p *problem) name() string { return strings.TrimPrefix(p.Type, problemBase) }

// problems are all that there are, by name.
var problems = map[string]struct {
	status int
	title  string
}{
	string(access.NoToken):        {401, "A bearer token is needed"},
	string(access.BadToken):       {401, "The token is not one that this API takes"},
	string(access.Expired):        {401, "The token has expired"},
	string(access.Premature):      {401, "The token is not valid yet"},
	string(access.WrongIssuer):    {401, "The token is of another issuer"},
	string(access.WrongAudience):  {401, "The token is for another API"},
	string(access.WrongTenant):    {401, "The token is for a tenant that is not served here"},
	string(access.NoRole):         {401, "The token carries no role of ours"},
	string(access.NoSecondFactor): {401, "The role needs a second factor, which the token does not prove"},

	"forbidden":          {403, "Your role may not do this"},
	"restricted":         {403, "The person's data is restricted"},
	"not_entitled":       {403, "No recorded entitlement to the processing log covers this"},
	"foreign_tenant":     {403, "The event is for another tenant than the token"},
	"not_found":          {404, "There is no such thing"},
	"method_not_allowed": {405, "Not by this method"},

	"invalid":                {400, "The request is malformed"},
	"bad_cursor":             {400, "The cursor does not belong to this list"},
	"invalid_event":          {400, "The event is not of its published schema"},
	"too_large":              {413, "The body is too large"},
	"unsupported_media_type": {415, "The body is of another media type than this route takes"},
	"idempotency_key_reused": {422, "The idempotency key was used for another request"},
	"idempotency_key_in_use": {409, "A request with this idempotency key is under way"},
	"conflict":               {409, "Somebody else changed it at the same time"},
	"merge_self":             {422, "A thing can't be merged into itself"},
	"already_merged":         {409, "One of the two has been merged into something else"},
	"merge_loop":             {409, "The target belongs to what was to be merged into it"},
	"too_many_parts":         {409, "Too many parts under one head"},
	"not_merged":             {409, "It is not merged"},
	"part_unclear":           {422, "Several parts are merged here: say which in \"from\""},
	"already_redriven":       {409, "The dead letter has been redriven already"},
	"field_not_allowed":      {422, "The technical specification does not allow this to be kept or shown"},
	"unknown_service":        {422, "There is no such service"},
	"not_for_class":          {403, "The service is not there for this class of person"},
	"ticket_state":           {409, "The ticket's state does not allow it"},
	"link_self":              {422, "A ticket can't be linked to itself"},
	"already_linked":         {409, "The two are linked so already, or have too many links"},
	"not_handed":             {409, "The ticket is not with the next level, or with somebody else there"},
	"peer_decides":           {409, "Another organisation decides this"},
	"peer_not_set":           {409, "The organisation of the next level can't be reached: an administrator sets it"},
	"last_level":             {409, "There is no further level of support for this service"},
	"no_service":             {422, "The ticket has no service: nobody knows who is next"},
	"already_seen":           {409, "The field is permitted already, or has been asked for"},
	"not_asked":              {409, "Nobody has asked for it, or it has been decided"},
	"media_infected":         {403, "The file is infected and is not handed out"},
	"media_pending":          {409, "The file is still being fetched"},
	"package_in_review":      {409, "A reviewer has not decided every doubtful place yet"},
	"package_expired":        {410, "The package has expired: it is made anew on request"},
	"no_channel":             {409, "The person has no address that a machine can write to: the answer goes by post"},
	"media_unavailable":      {410, "The file could not be had from the provider"},
	"announcement_state":     {409, "The announcement's state does not allow it"},
	"hold_scope":             {422, "A hold names persons, cases or a time"},
	"hold_span":              {422, "A hold ends within 366 days"},
	"hold_state":             {409, "The hold is not in a state for that"},
	"already_lifting":        {409, "The restriction is being lifted already"},
	"same_person":            {403, "Another person than the one who asked must decide"},
	"too_many_holds":         {409, "Too many holds are in force"},
	"plan_state":             {409, "The sweep is not in a state for that"},
	"plan_ahead":             {422, "A time ahead of the clock can be planned for, and not executed"},
	"plan_stale":             {409, "The plan is too old: make it anew"},
	"contract_state":         {409, "The contract is not in a state for that"},
	"contract_span":          {422, "A contract does not end before it begins"},
	"statutory_term":         {422, "A statutory term names a class of person or items, a law, and an end after now"},
	"return_incomplete":      {409, "Not all data have been taken, or others than the digest says"},
	"offer_state":            {409, "The offer is not in a state for that"},
	"not_offered":            {422, "What is wanted is not in the offer"},
	"handover_incomplete":    {409, "Not all that is wanted has been taken, or the digest is another"},
	"report_size":            {422, "There are more tickets than a report counts"},
	"not_braked":             {409, "The sweep is not held by its brake"},
	"request_state":          {409, "The request is not in a state that allows this"},
	"request_item":           {422, "The request does not ask for this right over this scope"},
	"request_decided":        {409, "This right has been decided"},
	"not_ours":               {409, "Another controller answers this right"},
	"identity_unproved":      {409, "Nobody has proved yet to be the person concerned"},
	"both_roles":             {403, "Whoever advised in a case can't decide it, and the other way round"},
	"own_review":             {403, "A review is for another person than the one reviewed"},
	"reason_missing":         {422, "A reason must be given"},
	"ground_unlisted":        {422, "The ground or party is none of those that the terms list"},
	"refused_by_terms":       {422, "The terms do not let this right be granted over this scope"},
	"too_late":               {409, "The limit for this step has passed"},
	"done_already":           {409, "This has been done already"},
	"authority_missing":      {422, "A representative acts with proof of authority only"},
	"no_handover":            {422, "There is no such hand-over"},
	"too_many":               {429, "Too many attempts or claims in one request"},
	"breach_closed":          {409, "The case is closed"},
	"officer_only":           {403, "Only a named officer decides this"},
	"dpo_only":               {403, "Only the data protection officer advises"},
	"officer_and_dpo":        {403, "Nobody is officer and data protection officer in one case"},
	"advice_missing":         {409, "The data protection officer's advice must be on record first"},
	"instant_ahead":          {422, "An instant has not come yet"},
	"not_in_case":            {422, "There is no such thing in this case"},
	"not_our_role":           {422, "Our role towards this party does not allow it"},
	"notice_incomplete":      {422, "The notice lacks what it must hold"},
	"special_detail":         {422, "A text to persons may tell of a special category of data"},
	"tell_other_first":       {409, "The other party must be told of purpose and time first"},
	"tasks_open":             {409, "Something is still due"},
	"gone":                   {410, "It has been erased"},
	"poison":                 {422, "The request can't succeed"},
	"overload":               {429, "Too much at once"},
	"unavailable":            {503, "Something that this needs is not available"},
	"internal":               {500, "A defect of ours"},
}

func newProblem(name, detail string) *problem {
	k, ok := problems[name]
	if !ok {
		return newProblem("internal", "")
	}
	return &problem{host.Problem{Type: problemBase + name, Title: k.title, Status: k.status, Detail: detail}}
}

// byKind names the problem for an error of the unit of work.
var byKind = map[fault.Kind]string{
	fault.Invalid: "invalid", fault.Unauthenticated: string(access.BadToken), fault.Forbidden: "restricted",
	fault.NotFound: "not_found", fault.Gone: "gone", fault.Conflict: "conflict", fault.TooLarge: "too_large",
	fault.Poison: "poison", fault.Overload: "overload", fault.Unavailable: "unavailable",
}

// byRule names the problem for a refusal of the rules of merging and of requests.
var byRule = map[error]string{
	conversation.ErrSelf: "merge_self", conversation.ErrMerged: "already_merged", conversation.ErrLoop: "merge_loop",
	conversation.ErrTooMany: "too_many_parts", conversation.ErrNoMerge: "not_merged",
	contact.ErrLifting:    "already_lifting",
	retention.ErrSameEyes: "same_person", retention.ErrHoldState: "hold_state", retention.ErrHoldSpan: "hold_span",
	retention.ErrNoScope: "hold_scope", retention.ErrHoldCount: "too_many_holds",
	retention.ErrNotFrozen: "plan_state", retention.ErrNotBraked: "not_braked", retention.ErrAhead: "plan_ahead", retention.ErrStale: "plan_stale",
	retention.ErrOfferState: "offer_state", retention.ErrNotOffered: "not_offered", retention.ErrNotHanded: "handover_incomplete",
	collection.ErrNotEnded: "contract_state", collection.ErrEnded: "contract_state", collection.ErrReturned: "contract_state", collection.ErrDestroyed: "contract_state",
	collection.ErrBegins: "contract_span", collection.ErrStatutory: "statutory_term", collection.ErrTooManyLaw: "statutory_term", collection.ErrNotTaken: "return_incomplete",
	dsar.ErrState: "request_state", dsar.ErrItem: "request_item", dsar.ErrDecided: "request_decided", dsar.ErrNotOurs: "not_ours",
	dsar.ErrUnproved: "identity_unproved", dsar.ErrBothRoles: "both_roles", dsar.ErrOwnReview: "own_review", dsar.ErrReason: "reason_missing",
	dsar.ErrGround: "ground_unlisted", dsar.ErrByTerms: "refused_by_terms", dsar.ErrTooLate: "too_late", dsar.ErrTwice: "done_already",
	dsar.ErrAuthority: "authority_missing", dsar.ErrNoHandover: "no_handover", dsar.ErrTooMany: "too_many", dsar.ErrNeedsPerson: "invalid",
	dsar.ErrInstant: "invalid",
}

// problemOf is the problem that an error is to a client. Details of the unit of
// work are told only where they say what to change; what is not there and what
// is another tenant's look the same.
func problemOf(err error) *problem {
	var p *problem
	var refused access.Refusal
	var f *fault.Error
	switch {
	case errors.As(err, &p):
		return p
	case errors.As(err, &refused):
		return newProblem(string(refused), "")
	case errors.Is(err, work.ErrOtherRequest):
		return newProblem("idempotency_key_reused", "")
	}
	for rule, name := range byRule {
		if errors.Is(err, rule) {
			return newProblem(name, "")
		}
	}
	detail := ""
	if fault.Is(err, fault.Invalid) && errors.As(err, &f) {
		detail = f.Text
	}
	name, ok := byKind[fault.Of(err)]
	if !ok {
		name = "internal"
	}
	return newProblem(name, detail)
}

// write answers with the problem.
func (p *problem) write(w http.ResponseWriter) {
	if p.Status == http.StatusUnauthorized {
		w.Header().Set("WWW-Authenticate", challenge(p.name()))
	}
	p.Write(w)
}

// challenge is the WWW-Authenticate header for a refused token: RFC 6750,
// section 3, and RFC 9470 for a missing second factor.
func challenge(name string) string {
	switch access.Refusal(name) {
	case access.NoToken:
		return `Bearer realm="okence"`
	case access.NoSecondFactor:
		return `Bearer realm="okence", error="insufficient_user_authentication", error_description="` + name + `"`
	}
	return `Bearer realm="okence", error="invalid_token", error_description="` + name + `"`
}
