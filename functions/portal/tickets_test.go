package portal

import (
	"context"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/okence/okence/shared/access"
	"github.com/okence/okence/shared/channel"
	"github.com/okence/okence/shared/desk"
	"github.com/okence/okence/shared/domain/audit"
	"github.com/okence/okence/shared/domain/conversation"
	"github.com/okence/okence/shared/domain/ticket"
	"github.com/okence/okence/shared/policy"
	"github.com/okence/okence/shared/record"
	"github.com/okence/okence/shared/work"
)

var _ = []bool{
	may("GET /v1/tickets", access.Adviser, access.Supervisor, access.Custodian, access.Subject),
	may("POST /v1/tickets", access.Adviser, access.Supervisor, access.Custodian, access.Subject),
	may("GET /v1/tickets/{id}", access.Adviser, access.Supervisor, access.Custodian, access.Subject),
	may("GET /v1/tickets/{id}/worklog", access.Adviser, access.Supervisor, access.Custodian, access.Subject),
	may("POST /v1/tickets/{id}/worklog", access.Adviser, access.Supervisor, access.Custodian, access.Subject),
	may("GET /v1/tickets/{id}/escalations", access.Adviser, access.Supervisor, access.Custodian),
	may("POST /v1/tickets/{id}/escalations", access.Adviser, access.Supervisor, access.Custodian),
	may("POST /v1/tickets/{id}/escalations/answer", access.Custodian),
	may("GET /v1/queues/{queue}", access.Adviser, access.Supervisor, access.Custodian),
	may("POST /v1/queues/{queue}", access.Supervisor),
}

// office is a portal with the pack of ekc and a conversation c1 of a citizen, p1.
func office(t testing.TB) *world {
	w := newWorld(t)
	w.env.Policy = policy.Builtin()
	w.env.Secrets = func(string, channel.Name) ([]channel.Secret, error) { return nil, nil }
	w.person("ekc", "p1", "Ana Žagar")
	w.talk("ekc", "c1", "p1")
	w.do("ekc", func(ctx context.Context, u *work.Unit) error {
		c, err := work.Load(ctx, u, record.Conversations, "c1")
		if err == nil {
			c.Class = conversation.Other
			work.Save(u, record.Conversations, c)
		}
		return err
	})
	return w
}

const request = `{"conversation_id":"c1","service":"residence","fields":{"name":"Ana Žagar","phone":"+386 41 123 456","address":"Trg 1, Kranj",` +
	`"email":"ana@example.org","details":"Sem Ana, pišem z ana@example.org, EMŠO 0101006500006."}}`

// open opens a ticket of c1 and returns it as the adviser gets it.
func (w *world) openTicket(body string, change ...func(*http.Request)) (v ticketView) {
	w.t.Helper()
	w.ask("POST", "/v1/tickets", body, change...).want(201, "").schema("Ticket").into(&v)
	return v
}

func (w *world) ticket(id string, change ...func(*http.Request)) (v ticketView) {
	w.t.Helper()
	w.ask("GET", "/v1/tickets/"+id, "", change...).want(200, "").schema("Ticket").into(&v)
	return v
}

// hand does what functions/escalation does.
func (w *world) hand(id string) {
	w.t.Helper()
	w.do("ekc", func(ctx context.Context, u *work.Unit) error {
		t, err := work.Load(ctx, u, record.Tickets, id)
		if err == nil {
			_, err = desk.HandOver(ctx, u, w.env, t, 0)
		}
		return err
	})
}

func TestATicketOfAConversationTakesItsPersonAndClass(t *testing.T) {
	w := office(t)
	v := w.openTicket(request, with("Idempotency-Key", "k1"))
	if v.ContactID != "p1" || v.Class != conversation.Other || v.State != ticket.New || !strings.HasPrefix(v.Number, "SR-2026-") || v.Fields != nil {
		t.Errorf("%+v", v)
	}
	if again := w.openTicket(request, with("Idempotency-Key", "k1")); again.ID != v.ID {
		t.Error("the same key made another ticket")
	}
	got := w.ticket(v.ID)
	if got.Fields["name"] != "Ana Žagar" || !strings.Contains(got.Fields["details"], "0101006500006") || !slices.Contains(got.Flags, "emso") {
		t.Errorf("what the person wrote is not as written, or not flagged: %+v", got)
	}
	var found list[ticketView]
	w.ask("GET", "/v1/tickets?number="+strings.ToLower(v.Number), "").want(200, "").schema("TicketList").into(&found)
	if len(found.Items) != 1 || found.Items[0].ID != v.ID {
		t.Errorf("by number: %+v", found)
	}
	desk := 0
	for _, e := range w.entries("ekc") {
		if e.Ticket == v.ID && e.Retention == audit.DeskLog && e.ActorID == "adviser-1" {
			desk++
		}
	}
	if desk == 0 {
		t.Error("no entry of the log ends with the ticket (K12)")
	}
}

func TestWhatThePackDoesNotAllowIsRefusedAndSaidSo(t *testing.T) {
	w := office(t)
	for name, c := range map[string]struct {
		body    string
		status  int
		problem string
		says    string
	}{
		"a field that residence may not keep":    {`{"conversation_id":"c1","service":"residence","fields":{"emso":"0101006500006","tax_number":"1"}}`, 422, "field_not_allowed", "emso, tax_number"},
		"a field while nobody knows a service":   {`{"conversation_id":"c1","fields":{"name":"Ana"}}`, 422, "field_not_allowed", "name"},
		"a service that is not in the pack":      {`{"conversation_id":"c1","service":"weather"}`, 422, "unknown_service", ""},
		"a service of public servants (K02)":     {`{"conversation_id":"c1","service":"workplace"}`, 403, "not_for_class", ""},
		"a conversation that there is not":       {`{"conversation_id":"c9"}`, 404, "not_found", ""},
		"an urgency beyond the least":            {`{"conversation_id":"c1","urgency":5}`, 400, "invalid", ""},
		"a kind that there is not":               {`{"conversation_id":"c1","kind":"wish"}`, 400, "invalid", ""},
		"a field of a name that nobody knows":    {`{"conversation_id":"c1","service":"residence","fields":{"shoe_size":"41"}}`, 422, "field_not_allowed", "shoe_size"},
		"something that the schema knows not":    {`{"conversation_id":"c1","owner":"x"}`, 400, "invalid", ""},
		"free text alone, without a service: ok": {`{"conversation_id":"c1","fields":{"details":"EMŠO 0101006500006"}}`, 201, "", ""},
	} {
		r := w.ask("POST", "/v1/tickets", c.body).want(c.status, c.problem)
		if !strings.Contains(string(r.body), c.says) || strings.Contains(string(r.body), "0101006500006") {
			t.Errorf("%s: %s", name, r.body)
		}
	}
}

func TestACustodianSeesWhatIsHandedAndOnlyWhatIsPermitted(t *testing.T) {
	w := office(t)
	v := w.openTicket(request)
	custodian := w.as("ekc", access.Custodian)
	w.ask("GET", "/v1/tickets/"+v.ID, "", custodian).want(404, "not_found")
	var mine list[ticketView]
	w.ask("GET", "/v1/tickets", "", custodian).want(200, "").into(&mine)
	if len(mine.Items) != 0 {
		t.Error("a custodian lists a ticket that is not handed")
	}
	w.hand(v.ID)
	w.ask("GET", "/v1/tickets", "", custodian).want(200, "").schema("TicketList").into(&mine)
	got := w.ticket(v.ID, custodian)
	if len(mine.Items) != 1 || mine.Items[0].ID != v.ID || got.ContactID != "" || got.ConversationID != "" {
		t.Errorf("%+v %+v", mine, got)
	}
	for name, want := range map[string]string{"name": "Ana Žagar", "phone": "+386 41 123 456", "address": "Trg 1, Kranj", "email": "", "details": "Sem Ana, pišem z [email], EMŠO [emso]."} {
		if got.Fields[name] != want {
			t.Errorf("%s: %q, want %q", name, got.Fields[name], want)
		}
	}
	for _, write := range []string{"/fields", "/assignment", "/state", "/links", "/escalations/view"} {
		w.ask("POST", "/v1/tickets/"+v.ID+write, "{}", custodian).want(403, "forbidden")
	}
	disclosed := false
	w.Clock.Add(time.Second)
	for _, e := range w.entriesOf("ekc") {
		disclosed = disclosed || e.Act == audit.Disclose && e.Ticket == v.ID && e.Recipient == "user-body/RES-L2"
	}
	if !disclosed {
		t.Error("the disclosure is not in the log")
	}
}

func TestAWiderViewIsAskedGrantedAndExpires(t *testing.T) {
	w := office(t)
	v := w.openTicket(request)
	w.hand(v.ID)
	custodian, path := w.as("ekc", access.Custodian), "/v1/tickets/"+v.ID+"/escalations"
	w.ask("POST", path+"/answer", `{"answer":"asked","field":"emso","text":"r"}`, custodian).want(422, "field_not_allowed")
	w.ask("POST", path+"/answer", `{"answer":"asked","field":"email"}`, custodian).want(400, "invalid")
	w.ask("POST", path+"/answer", `{"answer":"asked","field":"name","text":"r"}`, custodian).want(409, "already_seen")
	var h escalationView
	w.ask("POST", path+"/answer", `{"answer":"asked","field":"email","text":"za potrditev"}`, custodian).want(200, "").schema("Escalation").into(&h)
	w.ask("POST", path+"/view", fmt.Sprintf(`{"widening":%q,"grant":true,"hours":1}`, h.Widenings[0].ID)).want(200, "").schema("Escalation").into(&h)
	if !slices.Contains(h.Sees, "email") {
		t.Fatalf("%+v", h)
	}
	w.Clock.Add(time.Hour - time.Second)
	if w.ticket(v.ID, w.as("ekc", access.Custodian)).Fields["email"] != "ana@example.org" {
		t.Error("gone a second early")
	}
	w.Clock.Add(time.Second)
	if got := w.ticket(v.ID, w.as("ekc", access.Custodian)).Fields; got["email"] != "" {
		t.Error("still seen after its time")
	}
	w.ask("POST", path+"/view", fmt.Sprintf(`{"widening":%q,"grant":true}`, h.Widenings[0].ID)).want(409, "not_asked")
	var all list[escalationView]
	w.ask("GET", path, "").want(200, "").schema("EscalationList").into(&all)
	if len(all.Items) != 1 || all.Items[0].Reasons[h.Widenings[0].ID] != "za potrditev" {
		t.Errorf("%+v", all)
	}
}

func TestTheSubstituteOfAnAbsentCustodian(t *testing.T) {
	w := office(t)
	v := w.openTicket(request)
	w.hand(v.ID)
	as := func(who string) func(*http.Request) {
		text, err := w.issuer.Issue(access.Identity{Subject: who, Tenant: "ekc", Role: access.Custodian}, true, w.Clock.Now())
		if err != nil {
			t.Fatal(err)
		}
		return with("Authorization", "Bearer "+text)
	}
	away := w.Clock.Now().Add(time.Hour)
	w.ask("POST", "/v1/queues/RES-L2", fmt.Sprintf(`{"members":[{"person":"jan","away_from":%q,"away_until":%q,"substitute":"eva"}]}`,
		away.Format(time.RFC3339), away.Add(time.Hour).Format(time.RFC3339)), w.as("ekc", access.Supervisor)).want(200, "").schema("Queue")
	w.ask("GET", "/v1/queues/RES-L2", "").want(200, "").schema("Queue")
	w.ask("POST", "/v1/tickets/"+v.ID+"/escalations/answer", `{"answer":"accepted"}`, as("jan")).want(200, "")
	w.ask("GET", "/v1/tickets/"+v.ID, "", as("eva")).want(404, "not_found")
	w.Clock.Add(time.Hour)
	w.ask("GET", "/v1/tickets/"+v.ID, "", as("eva")).want(200, "")
	w.ask("POST", "/v1/tickets/"+v.ID+"/escalations/answer", `{"answer":"returned","text":"manjka naslov"}`, as("eva")).want(200, "")
	if got := w.ticket(v.ID); got.State != ticket.InProgress || got.Level != 1 {
		t.Errorf("%+v", got)
	}
	w.ask("GET", "/v1/tickets/"+v.ID, "", as("jan")).want(404, "not_found")
}

func TestAServantsOwnTickets(t *testing.T) {
	w := office(t)
	as := func(who string) func(*http.Request) {
		text, err := w.issuer.Issue(access.Identity{Subject: who, Tenant: "ekc", Role: access.Subject}, false, w.Clock.Now())
		if err != nil {
			t.Fatal(err)
		}
		return with("Authorization", "Bearer "+text)
	}
	v := w.openTicket(`{"service":"workplace","kind":"incident","fields":{"name":"Bor","device":"prenosnik","details":"ne dela"}}`, as("bor"))
	if v.Class != conversation.Servant || v.Origin != ticket.FromSelfService {
		t.Errorf("%+v", v)
	}
	w.ask("POST", "/v1/tickets", `{"fields":{"details":"x"}}`, as("p1")).want(403, "not_for_class") // a citizen, by all that is known
	w.ask("GET", "/v1/tickets/"+v.ID, "", as("p1")).want(404, "not_found")
	w.ask("POST", "/v1/tickets/"+v.ID+"/worklog", `{"text":"interno","minutes":90}`).want(201, "").schema("WorklogEntry")
	w.ask("POST", "/v1/tickets/"+v.ID+"/worklog", `{"text":"za vas","visible":true}`).want(201, "")
	w.Clock.Add(time.Second)
	w.ask("POST", "/v1/tickets/"+v.ID+"/worklog", `{"text":"še vedno ne","minutes":60}`, as("bor")).want(201, "")
	var log list[entryView]
	w.ask("GET", "/v1/tickets/"+v.ID+"/worklog", "", as("bor")).want(200, "").schema("WorklogList").into(&log)
	if len(log.Items) != 2 || log.Items[0].Text != "za vas" || log.Items[0].By != "" || log.Items[1].Text != "še vedno ne" {
		t.Errorf("%+v", log)
	}
	if got := w.ticket(v.ID, as("bor")); got.Fields["device"] != "prenosnik" || got.Minutes != 0 || got.Owner != "" {
		t.Errorf("%+v", got)
	}
	if got := w.ticket(v.ID); got.Minutes != 90 {
		t.Errorf("%d minutes: a person's own time is not the office's", got.Minutes)
	}
	var mine list[ticketView]
	w.ask("GET", "/v1/tickets", "", as("bor")).want(200, "").schema("TicketList").into(&mine)
	if len(mine.Items) != 1 {
		t.Errorf("%+v", mine)
	}
	w.ask("GET", "/v1/tickets?contact=p1", "", as("bor")).want(400, "invalid")
}

// TestAConversationKnowsOfWhatItIs: the service of a ticket decides how long what
// was said about it is kept, and follows the ticket's.
func TestAConversationKnowsOfWhatItIs(t *testing.T) {
	w := office(t)
	services := func(want ...string) {
		t.Helper()
		w.do("ekc", func(ctx context.Context, u *work.Unit) error {
			c, err := work.Load(ctx, u, record.Conversations, "c1")
			if err == nil && !slices.Equal(c.Services(), want) {
				t.Errorf("it is about %v, want %v", c.Services(), want)
			}
			return err
		})
	}
	services()
	const plain = `{"conversation_id":"c1","service":"business"}`
	v, other := w.openTicket(plain), w.openTicket(plain)
	services("business")
	edit := func(id, service string) {
		t.Helper()
		w.ask("POST", "/v1/tickets/"+id+"/fields", `{"service":"`+service+`"}`).want(200, "")
	}
	edit(v.ID, "residence")
	services("business", "residence")
	edit(other.ID, "residence")
	services("residence")
	edit(other.ID, "")
	services("", "residence")
}

func TestWorkOnATicket(t *testing.T) {
	w := office(t)
	v, other := w.openTicket(request), w.openTicket(request)
	do := func(what, body string, status int, problem string) (got ticketView) {
		t.Helper()
		r := w.ask("POST", "/v1/tickets/"+v.ID+what, body).want(status, problem)
		if status == 200 {
			r.schema("Ticket").into(&got)
		}
		return got
	}
	if got := do("/assignment", `{"person":"me"}`, 200, ""); got.Owner != "adviser-1" || got.State != ticket.InProgress {
		t.Errorf("%+v", got)
	}
	do("/state", `{"state":"closed"}`, 409, "ticket_state")
	do("/state", `{"state":"escalated"}`, 409, "ticket_state")
	do("/fields", `{"fields":{"tax_number":"1"}}`, 422, "field_not_allowed")
	do("/fields", `{"service":"business"}`, 422, "field_not_allowed") // it may not keep the address that is there
	if got := do("/fields", `{"fields":{"address":""},"urgency":1}`, 200, ""); got.Urgency != 1 {
		t.Errorf("%+v", got)
	}
	do("/state", `{"state":"resolved"}`, 200, "")
	if got := do("/state", `{"state":"in_progress","reason":"ni rešeno"}`, 200, ""); got.Reopened != 1 {
		t.Errorf("%+v", got)
	}
	do("/links", `{"kind":"related","ticket":"`+v.ID+`"}`, 422, "link_self")
	if got := do("/links", `{"kind":"duplicate_of","ticket":"`+other.ID+`"}`, 200, ""); got.State != ticket.Closed || len(got.Links) != 1 {
		t.Errorf("%+v", got)
	}
	if got := w.ticket(other.ID); len(got.Links) != 1 || got.Links[0].Kind != ticket.Duplicated {
		t.Errorf("%+v", got)
	}
	for query, n := range map[string]int{"state=closed": 1, "state=new": 1, "owner=me": 1, "owner=x": 0, "service=residence": 2, "contact=p1": 2, "": 2} {
		var got list[ticketView]
		w.ask("GET", "/v1/tickets?"+query, "").want(200, "").schema("TicketList").into(&got)
		if len(got.Items) != n {
			t.Errorf("%s: %d tickets, want %d", query, len(got.Items), n)
		}
	}
	w.ask("GET", "/v1/tickets?state=new&owner=me", "").want(400, "invalid")
}

func TestEscalationIsRefusedWhereItLeadsNowhere(t *testing.T) {
	w := office(t)
	v, bare := w.openTicket(request), w.openTicket(`{"conversation_id":"c1"}`)
	w.ask("POST", "/v1/tickets/"+bare.ID+"/escalations", `{}`).want(422, "no_service")
	w.ask("POST", "/v1/tickets/"+v.ID+"/escalations", `{"level":3}`).want(409, "last_level")
	w.ask("POST", "/v1/tickets/"+v.ID+"/escalations", `{"level":1}`).want(400, "invalid")
	w.ask("POST", "/v1/tickets/"+v.ID+"/escalations", `{"reason":"ne znamo"}`).want(202, "").schema("Taken")
	w.hand(v.ID)
	w.ask("POST", "/v1/tickets/"+v.ID+"/escalations", `{}`).want(409, "last_level")
	w.ask("POST", "/v1/tickets/"+v.ID+"/assignment", `{"person":"me"}`).want(409, "ticket_state")
	w.ask("POST", "/v1/tickets/"+v.ID+"/state", `{"state":"resolved"}`).want(409, "ticket_state")
}
