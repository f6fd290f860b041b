package publish

import (
	"net/http/httptest"
	"testing"
	"time"

	"github.com/okence/okence/shared/host"
	"github.com/okence/okence/shared/ledger"
	"github.com/okence/okence/shared/store/memory"
	"github.com/okence/okence/shared/work/worktest"
)

func TestOnlyServedTenantsAndOnlyHashes(t *testing.T) {
	w := worktest.New(t)
	log := &ledger.Log{Docs: w.Docs, Tree: memory.New(), Vault: w.Env.Vault, Now: func() time.Time { return worktest.Start }}
	f, err := New(&host.Env{Tenants: map[string]bool{"ekc": true}, Ledger: log})
	if err != nil {
		t.Fatal(err)
	}
	for _, tenant := range []string{"ekc", "other"} {
		if _, err := log.Seal(t.Context(), tenant); err != nil {
			t.Fatal(err)
		}
	}
	for target, want := range map[string]int{
		"/ledger/ekc/checkpoint": 200, "/ledger/ekc/key": 200, "/ledger/other/checkpoint": 404, "/ledger/ekc/tile/0/000.p/1": 404,
		"/ledger/ekc/tile/entries/000": 404, "/ledger/ekc/leaves": 404, "/ledger/ekc": 404,
	} {
		rec := httptest.NewRecorder()
		f.Routes.ServeHTTP(rec, httptest.NewRequest("GET", target, nil))
		if rec.Code != want {
			t.Errorf("%s: %d, want %d", target, rec.Code, want)
		}
	}
}
