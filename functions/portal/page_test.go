package portal

import (
	"fmt"
	"net/url"
	"slices"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"

	"github.com/okence/okence/shared/access"
	"github.com/okence/okence/shared/vault"
)

func owner(contactID string) vault.Owner { return vault.Owner{Subject: contactID, Class: "channel"} }

// TestMergedViewsPageWhole: whatever the parts, limits and instants, following
// next visits every message once, in order.
func TestMergedViewsPageWhole(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) {
		w := newWorld(t)
		parts := rapid.IntRange(1, 4).Draw(rt, "parts")
		var want []string
		for p := range parts {
			w.person("ekc", fmt.Sprint("p", p), "x")
			w.talk("ekc", fmt.Sprint("c", p), fmt.Sprint("p", p))
		}
		for i := range rapid.IntRange(0, 12).Draw(rt, "messages") {
			w.Clock.Add(time.Duration(rapid.IntRange(0, 1).Draw(rt, "seconds")) * time.Second)
			id := fmt.Sprint("m", rapid.IntRange(0, 9).Draw(rt, "id"), "-", i)
			w.say("ekc", fmt.Sprint("c", rapid.IntRange(0, parts-1).Draw(rt, "part")), id, "x")
			want = append(want, w.Clock.Now().Format(time.RFC3339)+" "+id)
		}
		for p := 1; p < parts; p++ {
			w.ask("POST", fmt.Sprintf("/v1/conversations/c%d/merge", p), `{"into":"c0"}`).want(200, "")
		}
		slices.Sort(want)
		order := rapid.SampledFrom([]string{"asc", "desc"}).Draw(rt, "order")
		if order == "desc" {
			slices.Reverse(want)
		}
		limit := rapid.IntRange(1, 5).Draw(rt, "limit")
		var got []string
		query := fmt.Sprintf("?order=%s&limit=%d", order, limit)
		for next := ""; ; {
			page := w.messagesOf("c0", query+"&cursor="+next)
			if len(page.Items) > limit {
				rt.Fatalf("%d on a page of %d", len(page.Items), limit)
			}
			for _, m := range page.Items {
				got = append(got, m.ReceivedAt.Format(time.RFC3339)+" "+m.ID)
			}
			if next = page.Next; next == "" {
				break
			}
		}
		if !slices.Equal(got, want) {
			rt.Fatalf("got  %v\nwant %v", got, want)
		}
	})
}

func TestListsPage(t *testing.T) {
	w := crowd(t, 7)
	for _, target := range []string{"/v1/conversations", "/v1/contacts"} {
		var got []string
		for next, pages := "", 0; ; pages++ {
			var page struct {
				Items []struct {
					ID string `json:"id"`
				} `json:"items"`
				Next string `json:"next"`
			}
			r := w.ask("GET", target+"?limit=3&cursor="+next, "").want(200, "")
			if err := jsonInto(r.body, &page); err != nil {
				t.Fatal(err)
			}
			for _, i := range page.Items {
				got = append(got, i.ID[1:])
			}
			if next = page.Next; next == "" {
				if strings.Contains(string(r.body), `"next"`) {
					t.Error("next stands on the last page")
				}
				break
			}
		}
		if want := []string{"7", "6", "5", "4", "3", "2", "1"}; !slices.Equal(got, want) {
			t.Errorf("%s: %v, the newest first is %v", target, got, want)
		}
	}
}

func TestListOfConversationsShowsNothingSealed(t *testing.T) {
	w := crowd(t, 1)
	if r := w.ask("GET", "/v1/conversations", "").want(200, "").schema("ConversationList"); strings.Contains(string(r.body), "Zadeva") {
		t.Errorf("a subject stands in the list: %s", r.body)
	}
	if c := w.conversation("c1"); c.Subject != "Zadeva c1" {
		t.Errorf("one conversation shows the subject %q", c.Subject)
	}
}

func TestCursorsAreBound(t *testing.T) {
	w := crowd(t, 3)
	w.person("other", "p1", "x")
	w.talk("other", "c1", "p1")
	w.say("other", "c1", "m1", "x")
	w.say("other", "c1", "m2", "x")
	next := func(target string, change ...func(string) string) string {
		var page list[struct {
			ID string `json:"id"`
		}]
		if err := jsonInto(w.ask("GET", target, "").want(200, "").body, &page); err != nil || page.Next == "" {
			t.Fatalf("%s: no next page (%v)", target, err)
		}
		return url.QueryEscape(page.Next)
	}
	conversations, contacts := next("/v1/conversations?limit=1"), next("/v1/contacts?limit=1")
	w.ask("POST", "/v1/conversations/c1/merge", `{"from":"c2"}`).want(200, "")
	messages := next("/v1/conversations/c1/messages?limit=1")

	w.ask("GET", "/v1/conversations?cursor="+conversations, "").want(200, "")
	w.ask("GET", "/v1/conversations?cursor="+conversations, "", w.as("other", access.Adviser)).want(400, "bad_cursor")
	w.ask("GET", "/v1/contacts?cursor="+contacts, "", w.as("other", access.Adviser)).want(400, "bad_cursor")
	w.ask("GET", "/v1/conversations/c1/messages?cursor="+messages, "", w.as("other", access.Adviser)).want(400, "bad_cursor")
	w.ask("GET", "/v1/contacts?cursor="+conversations, "").want(400, "bad_cursor")
	w.ask("GET", "/v1/conversations/c3/messages?cursor="+messages, "").want(400, "bad_cursor")
	w.ask("GET", "/v1/conversations/c1/messages?order=desc&cursor="+messages, "").want(400, "bad_cursor")
	w.ask("GET", "/v1/conversations/c1/messages?cursor="+messages, "").want(200, "")
	for _, bad := range []string{"x", "%00", "AAAA", conversations[:len(conversations)-2], strings.Repeat("A", 5000)} {
		w.ask("GET", "/v1/conversations?cursor="+bad, "").want(400, "bad_cursor")
	}
}

func TestLimits(t *testing.T) {
	w := crowd(t, 1)
	for _, good := range []string{"1", "50", "100"} {
		w.ask("GET", "/v1/conversations?limit="+good, "").want(200, "")
		w.ask("GET", "/v1/contacts?limit="+good, "").want(200, "")
	}
	for _, bad := range []string{"0", "-1", "101", "x", "1.5", "99999999999999999999"} {
		w.ask("GET", "/v1/conversations?limit="+bad, "").want(400, "invalid")
		w.ask("GET", "/v1/conversations/c1/messages?limit="+bad, "").want(400, "invalid")
	}
	w.ask("GET", "/v1/conversations/c1/messages?order=up", "").want(400, "invalid")
	w.ask("GET", "/v1/messages", "").want(400, "invalid")
	w.ask("GET", "/v1/messages?provider_id="+strings.Repeat("a", maxProviderID+1), "").want(400, "invalid")
	w.ask("GET", "/v1/messages?provider_id=%ff", "").want(400, "invalid")
	w.ask("GET", "/v1/messages?provider_id=unknown", "").want(200, "").schema("MessageList")
	w.ask("GET", "/v1/conversations", "", with("Okence-Case", "a b")).want(400, "invalid")
}

// TestAFullPageOfStrangersFitsOneCommit: fifty persons seen at once are fifty
// checks and fifty entries.
func TestAFullPageOfStrangersFitsOneCommit(t *testing.T) {
	w := newWorld(t)
	w.person("ekc", "p", "x")
	w.talk("ekc", "c", "p")
	for i := range 60 {
		p := fmt.Sprint("p", i)
		w.person("ekc", p, "x")
		w.talk("ekc", "c"+p, p)
		w.say("ekc", "c"+p, "m"+p, "x")
	}
	var people list[contactView]
	w.ask("GET", "/v1/contacts?limit=100", "").want(200, "").into(&people)
	if len(people.Items) != maxOpened {
		t.Errorf("%d on a page", len(people.Items))
	}
	for i := range 50 {
		w.ask("POST", fmt.Sprintf("/v1/conversations/cp%d/merge", i), `{"into":"c"}`).want(200, "")
		w.ask("POST", fmt.Sprintf("/v1/contacts/p%d/merge", i), `{"into":"p"}`).want(200, "")
	}
	if page := w.messagesOf("c", "?limit=100"); len(page.Items) != maxOpened {
		t.Errorf("%d on a page", len(page.Items))
	}
	var past list[conversationView]
	w.ask("GET", "/v1/contacts/p/history?limit=100", "").want(200, "").into(&past)
	if len(past.Items) != maxHistory || past.Next == "" {
		t.Errorf("%d on a page", len(past.Items))
	}
	w.ask("POST", "/v1/contacts/p7/unmerge", "").want(200, "")
}
