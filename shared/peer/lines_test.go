package peer

import (
	"context"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/okence/okence/events"
	"github.com/okence/okence/shared/access"
	"github.com/okence/okence/shared/bus/cloudevent"
	"github.com/okence/okence/shared/domain/dossier"
	"github.com/okence/okence/shared/fault"
	"github.com/okence/okence/shared/host"
	"github.com/okence/okence/shared/record"
	"github.com/okence/okence/shared/store"
	"github.com/okence/okence/shared/work"
	"github.com/okence/okence/shared/work/worktest"
)

// TestWhatGoesToAPeerWithContentStandsInTheRegister goes over the whole catalogue: an
// event type that brings content can't go out without a word on whose it is.
func TestWhatGoesToAPeerWithContentStandsInTheRegister(t *testing.T) {
	t.Setenv("OKENCE_PEER_EKC_BODY", `{"url":"https://a.example.si/peers/x/ekc","secrets":["`+one+`"]}`)
	w := worktest.New(t)
	env := &host.Env{Work: w.Env, Tenants: map[string]bool{"ekc": true}}
	seen := 0
	for _, typ := range events.Types() {
		text, err := os.ReadFile(filepath.Join("..", "..", "events", "examples", typ.Name+".full.json"))
		if err != nil {
			t.Fatal(err)
		}
		e, err := cloudevent.Unmarshal(text)
		if err != nil {
			t.Fatal(err)
		}
		data, err := events.Decode(e)
		if err != nil {
			t.Fatal(err)
		}
		queue := func(lines []*dossier.Disclosure) error {
			s := work.Scope{Tenant: "ekc", Function: "test", Actor: access.FunctionActor("test"), Use: access.Rights}
			_, err := w.Run(t.Context(), s, func(ctx context.Context, u *work.Unit) error {
				_, err := Queue(ctx, u, env, "body", "s1", data, lines)
				return err
			})
			return err
		}
		if typ.Content {
			seen++
			if err := queue(nil); !fault.Is(err, fault.Internal) {
				t.Errorf("%s goes out, and nobody says whose content it brings: %v", typ.Name, err)
			}
		} else if err := queue(nil); err != nil {
			t.Errorf("%s: %v", typ.Name, err)
		}
		if err := queue([]*dossier.Disclosure{{ContactID: "p " + typ.Name, Ground: dossier.Handover}}); err != nil {
			t.Errorf("%s: %v", typ.Name, err)
		}
		docs, err := w.Store.Query(t.Context(), store.Query{Tenant: "ekc", Index: record.ByContact, Partition: "disclosure.p " + typ.Name})
		if err != nil || len(docs.Docs) != 1 {
			t.Errorf("%s: %d lines, %v", typ.Name, len(docs.Docs), err)
		}
	}
	if seen < 5 {
		t.Errorf("only %d types bring content: look again", seen)
	}
}

// TestOnlyATicketOfNobodyIsOfNobody: that content is of no person is said in one
// place, where a ticket has none.
func TestOnlyATicketOfNobodyIsOfNobody(t *testing.T) {
	for _, dir := range []string{"functions", "shared", "local"} {
		err := filepath.WalkDir(filepath.Join("..", "..", dir), func(path string, d os.DirEntry, err error) error {
			if err != nil || d.IsDir() || !strings.HasSuffix(path, ".go") || strings.HasSuffix(path, "_test.go") {
				return err
			}
			text, err := os.ReadFile(path)
			if strings.Contains(string(text), "peer.Nobody") && !strings.HasSuffix(filepath.ToSlash(path), "shared/desk/handover.go") {
				t.Errorf("%s sends content and names no person", path)
			}
			return err
		})
		if err != nil {
			t.Fatal(err)
		}
	}
}
