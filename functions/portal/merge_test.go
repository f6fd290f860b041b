package portal

import (
	"context"
	"fmt"
	"slices"
	"testing"
	"time"

	"github.com/okence/okence/shared/domain/audit"
	"github.com/okence/okence/shared/domain/contact"
	"github.com/okence/okence/shared/domain/conversation"
	"github.com/okence/okence/shared/domain/message"
	"github.com/okence/okence/shared/record"
	"github.com/okence/okence/shared/work"
)

// crowd is a world of n people with a conversation and a message each.
func crowd(t testing.TB, n int) *world {
	w := newWorld(t)
	for i := 1; i <= n; i++ {
		p, c := fmt.Sprint("p", i), fmt.Sprint("c", i)
		w.person("ekc", p, "Oseba "+p)
		w.talk("ekc", c, p)
		w.say("ekc", c, "m"+fmt.Sprint(i), "pozdrav")
		w.Clock.Add(time.Minute)
	}
	return w
}

func (w *world) messagesOf(conv, query string) list[messageView] {
	w.t.Helper()
	var out list[messageView]
	w.ask("GET", "/v1/conversations/"+conv+"/messages"+query, "").want(200, "").schema("MessageList").into(&out)
	return out
}

func ids(l list[messageView]) []string {
	out := []string{}
	for _, m := range l.Items {
		out = append(out, m.ID)
	}
	return out
}

func (w *world) conversation(id string) conversationView {
	w.t.Helper()
	var v conversationView
	w.ask("GET", "/v1/conversations/"+id, "").want(200, "").schema("Conversation").into(&v)
	return v
}

func TestMergeAndUnmergeOfConversations(t *testing.T) {
	w := crowd(t, 3)
	w.say("ekc", "c1", "m4", "še nekaj")
	before := []conversationView{w.conversation("c1"), w.conversation("c2")}

	var edge mergeView
	w.ask("POST", "/v1/conversations/c1/merge", `{"from":"c2"}`).want(200, "").schema("Merge").into(&edge)
	if edge.Into != "c1" || edge.From != "c2" || edge.By != "adviser-1" || edge.Of != conversation.OfConversations || !edge.At.Equal(w.Clock.Now()) {
		t.Errorf("the edge is %+v", edge)
	}
	view := w.messagesOf("c1", "")
	if got := ids(view); !slices.Equal(got, []string{"m1", "m2", "m4"}) {
		t.Errorf("the merged view is %v", got)
	}
	if view.Items[1].ConversationID != "c2" || view.Items[1].ContactID != "p2" {
		t.Error("a message of a part has changed its conversation or contact")
	}
	if got := ids(w.messagesOf("c1", "?order=desc")); !slices.Equal(got, []string{"m4", "m2", "m1"}) {
		t.Errorf("from the newest down: %v", got)
	}
	if got := ids(w.messagesOf("c2", "")); !slices.Equal(got, []string{"m2"}) {
		t.Errorf("the part alone shows %v", got)
	}
	head, part := w.conversation("c1"), w.conversation("c2")
	if !slices.Equal(head.Parts, []string{"c2"}) || part.Into != "c1" || part.Class != before[1].Class || part.ContactID != "p2" {
		t.Errorf("head %+v, part %+v", head, part)
	}

	w.Clock.Add(time.Hour)
	w.say("ekc", "c2", "m5", "od lastnika")
	w.say("ekc", "c2", "m6", "od koga drugega", func(m *message.Message) { m.ContactID = "p3" })
	w.say("ekc", "c1", "m7", "od koga tretjega", func(m *message.Message) { m.ContactID = "p9" })
	w.say("ekc", "c3", "m8", "drugje", func(m *message.Message) { m.ContactID = "p9" })
	w.person("ekc", "p9", "X")

	w.Clock.Add(time.Hour)
	var undone mergeView
	w.ask("POST", "/v1/conversations/c2/unmerge", "").want(200, "").schema("Merge").into(&undone)
	if undone.ID != edge.ID || undone.UndoneBy != "adviser-1" || !undone.UndoneAt.Equal(w.Clock.Now()) {
		t.Errorf("undone: %+v", undone)
	}
	var left []string
	for _, u := range undone.Undecided {
		left = append(left, u.MessageID+" "+u.ConversationID+" "+u.ContactID)
	}
	slices.Sort(left)
	if !slices.Equal(left, []string{"m6 c2 p3", "m7 c1 p9"}) || undone.More {
		t.Errorf("to be decided: %v", left)
	}
	head, part = w.conversation("c1"), w.conversation("c2")
	if len(head.Parts) != 0 || part.Into != "" || head.ContactID != "p1" || part.Messages != 3 {
		t.Errorf("after the unmerge: head %+v, part %+v", head, part)
	}
	if got := ids(w.messagesOf("c1", "")); !slices.Equal(got, []string{"m1", "m4", "m7"}) {
		t.Errorf("after the unmerge the head shows %v", got)
	}
	w.ask("POST", "/v1/conversations/c2/unmerge", "").want(409, "not_merged")
	w.ask("POST", "/v1/conversations/c1/unmerge", `{"from":"c2"}`).want(409, "not_merged")
	w.ask("POST", "/v1/conversations/c2/merge", `{"into":"c1"}`).want(200, "") // and again
}

func TestWhatCameInBeforeAMergeIsDecided(t *testing.T) {
	w := crowd(t, 2)
	foreign := func(m *message.Message) { m.ContactID = "p9" }
	w.say("ekc", "c2", "early", "x", foreign)
	w.Clock.Add(time.Second)
	w.ask("POST", "/v1/conversations/c1/merge", `{"from":"c2"}`).want(200, "")
	w.say("ekc", "c2", "late", "x", foreign)
	var undone mergeView
	w.ask("POST", "/v1/conversations/c2/unmerge", "").want(200, "").into(&undone)
	if len(undone.Undecided) != 1 || undone.Undecided[0].MessageID != "late" {
		t.Errorf("to be decided: %+v", undone.Undecided)
	}
}

func TestMergeIsNotedForBothPersons(t *testing.T) {
	w := crowd(t, 2)
	w.ask("POST", "/v1/conversations/c2/merge", `{"into":"c1"}`).want(200, "")
	w.ask("POST", "/v1/contacts/p2/merge", `{"into":"p1"}`).want(200, "")
	for _, act := range []audit.Act{audit.Merge} {
		var subjects []string
		for _, e := range w.entries("ekc") {
			if e.Act == act && e.Result == audit.Success && len(e.Items) == 2 {
				subjects = append(subjects, e.Subject)
			}
		}
		slices.Sort(subjects)
		if !slices.Equal(subjects, []string{"p1", "p1", "p2", "p2"}) {
			t.Errorf("%s is noted for %v", act, subjects)
		}
	}
}

func TestMergeRefusals(t *testing.T) {
	w := crowd(t, 4)
	post := func(id, body string) reply { return w.ask("POST", "/v1/conversations/"+id+"/merge", body) }
	post("c1", `{"into":"c1"}`).want(422, "merge_self")
	post("c1", `{"into":"zz"}`).want(404, "not_found")
	post("zz", `{"into":"c1"}`).want(404, "not_found")
	post("c1", `{}`).want(400, "invalid")
	post("c1", ``).want(400, "invalid")
	post("c1", `{"into":"c2","from":"c3"}`).want(400, "invalid")
	post("c1", `{"into":"c2","extra":1}`).want(400, "invalid")
	post("c1", `{"into":"c2"} {}`).want(400, "invalid")
	post("c1", `{"into":"a b"}`).want(400, "invalid")
	post("c1", `[1]`).want(400, "invalid")
	post("c1", `{"into":"`+string(make([]byte, maxBody))+`"}`).want(413, "too_large")
	post("c2", `{"into":"c1"}`).want(200, "")
	post("c2", `{"into":"c3"}`).want(409, "already_merged")
	post("c1", `{"into":"c2"}`).want(409, "merge_loop")
	post("c3", `{"into":"c2"}`).want(409, "already_merged")
	post("c3", `{"into":"c1"}`).want(200, "")
	w.ask("POST", "/v1/conversations/c1/unmerge", "").want(422, "part_unclear")
	w.ask("POST", "/v1/conversations/c4/unmerge", "").want(409, "not_merged")
	w.ask("POST", "/v1/conversations/c1/unmerge", `{"from":"c3"}`).want(200, "")
	w.ask("POST", "/v1/conversations/c1/unmerge", "").want(200, "") // its only part
	if got := w.conversation("c1"); len(got.Parts) != 0 {
		t.Errorf("parts are left: %v", got.Parts)
	}
}

func TestTreesOfMergesHaveALimit(t *testing.T) {
	w := crowd(t, conversation.MaxParts+3)
	half := conversation.MaxParts / 2
	for i := 2; i <= half; i++ {
		w.ask("POST", fmt.Sprintf("/v1/conversations/c%d/merge", i), `{"into":"c1"}`).want(200, "")
	}
	second := fmt.Sprint("c", half+1)
	for i := half + 2; i <= conversation.MaxParts+2; i++ {
		w.ask("POST", fmt.Sprintf("/v1/conversations/c%d/merge", i), `{"into":"`+second+`"}`).want(200, "")
	}
	// 25 and 27 make 52: one more than a head and fifty parts.
	w.ask("POST", "/v1/conversations/"+second+"/merge", `{"into":"c1"}`).want(409, "too_many_parts")
	w.ask("POST", "/v1/conversations/"+second+"/unmerge", fmt.Sprintf(`{"from":"c%d"}`, conversation.MaxParts+2)).want(200, "")
	w.ask("POST", "/v1/conversations/"+second+"/merge", `{"into":"c1"}`).want(200, "")

	seen := map[string]bool{}
	query := "?limit=50"
	for pages := 1; ; pages++ {
		page := w.messagesOf("c1", query)
		for _, id := range ids(page) {
			if seen[id] {
				t.Errorf("%s stands twice", id)
			}
			seen[id] = true
		}
		if page.Next == "" {
			break
		}
		query = "?limit=50&cursor=" + page.Next
	}
	if len(seen) != conversation.MaxParts+1 {
		t.Errorf("the merged view of a head and its parts shows %d messages", len(seen))
	}
}

func TestMergeAndUnmergeOfContacts(t *testing.T) {
	w := crowd(t, 3)
	w.talk("ekc", "c4", "p1")
	history := func(id string) []string {
		var l list[conversationView]
		w.ask("GET", "/v1/contacts/"+id+"/history", "").want(200, "").schema("ConversationList").into(&l)
		out := []string{}
		for _, c := range l.Items {
			out = append(out, c.ID)
		}
		return out
	}
	w.ask("POST", "/v1/contacts/p1/merge", `{"from":"p2"}`).want(200, "").schema("Merge")
	if got := history("p1"); !slices.Equal(got, []string{"c4", "c2", "c1"}) {
		t.Errorf("the history of both is %v", got)
	}
	if got := history("p2"); !slices.Equal(got, []string{"c2"}) {
		t.Errorf("the part's own is %v", got)
	}
	var p contactView
	w.ask("GET", "/v1/contacts/p2", "").want(200, "").schema("Contact").into(&p)
	if p.Into != "p1" || p.Name != "Oseba p2" || len(p.Addresses) != 1 {
		t.Errorf("the part is %+v", p)
	}
	w.say("ekc", "c2", "m9", "od koga drugega", func(m *message.Message) { m.ContactID = "p3" })
	var undone mergeView
	w.ask("POST", "/v1/contacts/p1/unmerge", `{"from":"p2"}`).want(200, "").schema("Merge").into(&undone)
	if len(undone.Undecided) != 1 || undone.Undecided[0].MessageID != "m9" || undone.Of != conversation.OfContacts {
		t.Errorf("undone: %+v", undone)
	}
	if got := history("p1"); !slices.Equal(got, []string{"c4", "c1"}) {
		t.Errorf("after the unmerge: %v", got)
	}
}

func (w *world) restrict(tenant, contactID string) {
	w.t.Helper()
	w.do(tenant, func(_ context.Context, u *work.Unit) error {
		work.Save(u, record.Restrictions, &contact.Restriction{ID: contactID, SinceAt: u.Now(), Ground: "accuracy"})
		return nil
	})
}

func TestRestrictedPersonsAreNotShown(t *testing.T) {
	w := crowd(t, 2)
	w.ask("POST", "/v1/conversations/c1/merge", `{"from":"c2"}`).want(200, "")
	w.restrict("ekc", "p2")
	w.Clock.Add(time.Second)
	w.ask("GET", "/v1/messages/m2", "").want(403, "restricted")
	if e := newest(w.entries("ekc")); e.Result != audit.Refused || e.Reason != "restricted" || e.Items[1].ID != "m2" {
		t.Errorf("noted as %+v", e)
	}
	w.ask("GET", "/v1/contacts/p2", "").want(403, "restricted")
	w.ask("POST", "/v1/conversations/c2/unmerge", "").want(403, "restricted")
	view := w.messagesOf("c1", "")
	if got := ids(view); !slices.Equal(got, []string{"m1"}) || view.Withheld != 1 {
		t.Errorf("the merged view is %v, %d withheld", got, view.Withheld)
	}
	var people list[contactView]
	w.ask("GET", "/v1/contacts", "").want(200, "").schema("ContactList").into(&people)
	if len(people.Items) != 1 || people.Items[0].ID != "p1" || people.Withheld != 1 {
		t.Errorf("%+v", people)
	}
}

func TestErasedPersonsAreGone(t *testing.T) {
	w := crowd(t, 2)
	w.ask("POST", "/v1/conversations/c1/merge", `{"from":"c2"}`).want(200, "")
	if err := w.Env.Vault.Destroy(context.Background(), "ekc", owner("p2")); err != nil {
		t.Fatal(err)
	}
	w.ask("GET", "/v1/messages/m2", "").want(410, "gone")
	if view := w.messagesOf("c1", ""); len(view.Items) != 1 || view.Withheld != 1 {
		t.Errorf("%v, %d withheld", ids(view), view.Withheld)
	}
}
