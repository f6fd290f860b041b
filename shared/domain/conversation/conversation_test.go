package conversation_test

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"

	"github.com/okence/okence/shared/domain/conversation"
)

var at = time.Date(2026, time.November, 2, 9, 0, 0, 0, time.UTC)

func TestContinues(t *testing.T) {
	idle := 24 * time.Hour
	for name, c := range map[string]struct {
		state conversation.State
		after time.Duration
		want  bool
	}{
		"at once":                          {conversation.Open, 0, true},
		"one nanosecond before it is idle": {conversation.Open, idle - 1, true},
		"once it is idle":                  {conversation.Open, idle, false},
		"closed, at once":                  {conversation.Closed, 0, false},
		"a message fed in late":            {conversation.Open, -time.Hour, true},
	} {
		conv := conversation.Conversation{State: c.state, LastAt: at}
		if got := conv.Continues(at.Add(c.after), idle); got != c.want {
			t.Errorf("%s: %v, want %v", name, got, c.want)
		}
	}
}

func TestAReplyReopensAndTimeNeverGoesBack(t *testing.T) {
	c := conversation.Conversation{State: conversation.Closed, ClosedAt: at, LastAt: at, Messages: 3}
	c.Receive(at.Add(time.Hour))
	if c.State != conversation.Open || !c.ClosedAt.IsZero() || c.Messages != 4 || !c.LastAt.Equal(at.Add(time.Hour)) {
		t.Fatalf("%+v", c)
	}
	c.Receive(at)
	if !c.LastAt.Equal(at.Add(time.Hour)) {
		t.Fatal("an older message turned the clock back")
	}
}

// TestMergesAreTrees merges and takes back at random: no circle, no node under
// two heads, both ends of every edge agree, and taking all back restores it.
func TestMergesAreTrees(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		all := make([]*conversation.Conversation, 6)
		for i := range all {
			all[i] = &conversation.Conversation{ID: fmt.Sprint("c", i)}
		}
		pick := rapid.IntRange(0, len(all)-1)
		for n := range rapid.IntRange(0, 30).Draw(t, "steps") {
			into, from := all[pick.Draw(t, "into")], all[pick.Draw(t, "from")]
			if rapid.Bool().Draw(t, "merge") {
				err := conversation.Join(into.Node(), from.Node(), fmt.Sprint("e", n))
				if err == nil && (into == from || into.Into != "") {
					t.Fatal("merged into itself, or into what is no head")
				}
			} else if err := conversation.Part(into.Node(), from.Node()); err != nil && !errors.Is(err, conversation.ErrNoMerge) {
				t.Fatal(err)
			}
			check(t, all)
		}
		for _, c := range all {
			for _, head := range all {
				if head.ID == c.Into {
					if err := conversation.Part(head.Node(), c.Node()); err != nil {
						t.Fatal(err)
					}
				}
			}
		}
		for _, c := range all {
			if c.Into != "" || c.Merge != "" || len(c.Parts) != 0 {
				t.Fatalf("not what it was: %+v", c)
			}
		}
	})
}

func check(t *rapid.T, all []*conversation.Conversation) {
	byID := map[string]*conversation.Conversation{}
	for _, c := range all {
		byID[c.ID] = c
	}
	for _, c := range all {
		for _, p := range c.Parts {
			if byID[p].Into != c.ID {
				t.Fatalf("%s has part %s, which knows nothing of it", c.ID, p)
			}
		}
		if c.Into != "" && !slices.Contains(byID[c.Into].Parts, c.ID) {
			t.Fatalf("%s is under %s, which knows nothing of it", c.ID, c.Into)
		}
		steps := 0
		for up := c; up.Into != ""; up = byID[up.Into] {
			if steps++; steps > len(all) {
				t.Fatal("a circle")
			}
		}
	}
}

func TestHeadsHaveRoomForFifty(t *testing.T) {
	head := &conversation.Conversation{ID: "head"}
	for i := range conversation.MaxParts + 1 {
		err := conversation.Join(head.Node(), (&conversation.Conversation{ID: fmt.Sprint(i)}).Node(), "e")
		if want := i == conversation.MaxParts; (err != nil) != want {
			t.Fatalf("part %d: %v", i, err)
		}
	}
}

func TestPlusAddresses(t *testing.T) {
	key := []byte("0123456789abcdef0123456789abcdef")
	address := conversation.PlusAddress(key, "ekc@gov.si", "1lg94jkzfr3kvx4z")
	for name, c := range map[string]struct {
		address string
		ok      bool
	}{
		"as made":                  {address, true},
		"in capitals":              {strings.ToUpper(address), true},
		"another conversation":     {strings.Replace(address, "1lg9", "1lg8", 1), false},
		"one character of the MAC": {strings.Replace(address, "@", "z@", 1), false},
		"without a MAC":            {"ekc+1lg94jkzfr3kvx4z@gov.si", false},
		"without a tag":            {"ekc@gov.si", false},
		"no address":               {"", false},
	} {
		id, ok := conversation.FromPlusAddress(key, c.address)
		if ok != c.ok || ok && id != "1lg94jkzfr3kvx4z" {
			t.Errorf("%s: %q %v, want %v", name, id, ok, c.ok)
		}
	}
	if _, ok := conversation.FromPlusAddress([]byte("another key"), address); ok {
		t.Error("opened by another tenant's key")
	}
	if local, _, _ := strings.Cut(address, "@"); len(local) > 64 {
		t.Errorf("a local part of %d characters: RFC 5321 allows 64", len(local))
	}
}

func FuzzFromPlusAddress(f *testing.F) {
	f.Add("ekc+x.y@gov.si")
	f.Fuzz(func(t *testing.T, address string) {
		if id, ok := conversation.FromPlusAddress([]byte("k"), address); ok && conversation.PlusAddress([]byte("k"), "a@b", id) == "" {
			t.Fatal("opened what nobody made")
		}
	})
}
