package awskms_test

import (
	"context"
	"crypto/rand"
	"fmt"
	"sync"
	"testing"

	"github.com/okence/okence/shared/amazon/awstest"
	"github.com/okence/okence/shared/fault"
	"github.com/okence/okence/shared/store/dynamodb"
	"github.com/okence/okence/shared/vault"
	"github.com/okence/okence/shared/vault/awskms"
)

// The whole vault on AWS: wrapped keys in a table of their own, root keys in KMS.
func TestEightProcessesMakeOneKeyAndADestroyedOneStaysDestroyed(t *testing.T) {
	ctx, id := context.Background(), key(t)
	o := dynamodb.Options{Table: "okence-keys-" + rand.Text()[:8], Source: awstest.Source(t, awstest.DynamoDB(t))}
	if err := dynamodb.Create(ctx, o.Source, o.Table, dynamodb.TableOptions{Unprotected: true}); err != nil {
		t.Fatal(err)
	}
	process := func() *vault.Vault {
		return vault.New(awskms.New(awskms.Options{Key: id, Source: awstest.Source(t, awstest.Moto(t))}), dynamodb.New(o))
	}
	at := vault.Place{Tenant: "ekc", Subject: "s", Kind: "message", ID: "1", Field: "text", Schema: 1}
	for round := range 20 {
		tenant := fmt.Sprintf("t%d", round/4) // each tenant is new once
		owner := vault.Owner{Subject: fmt.Sprintf("s%d", round), Class: "channel"}
		var mu sync.Mutex
		var all sync.WaitGroup
		var sealed [][]byte
		for range 8 {
			all.Go(func() {
				keys, err := process().Keys(ctx, tenant, owner)
				if err != nil {
					t.Errorf("round %d: %v", round, err)
					return
				}
				mu.Lock()
				defer mu.Unlock()
				sealed = append(sealed, keys[0].Seal(at, []byte("secret")))
			})
		}
		all.Wait()
		v := process()
		keys, err := v.Existing(ctx, tenant, owner)
		if err != nil {
			t.Fatal(err)
		}
		for _, s := range sealed { // one key: what any of them sealed opens with it
			if plain, err := keys[0].Open(at, s); err != nil || string(plain) != "secret" {
				t.Fatalf("round %d: two keys of one owner: %v", round, err)
			}
		}
		if round%5 > 0 {
			continue
		}
		for range 2 {
			if err := v.Destroy(ctx, tenant, owner); err != nil {
				t.Fatal(err)
			}
		}
		for name, find := range map[string]func(context.Context, string, ...vault.Owner) ([]*vault.Key, error){
			"the same process": v.Keys, "another process": process().Keys, "another process that creates none": process().Existing,
		} {
			if _, err := find(ctx, tenant, owner); !fault.Is(err, fault.Gone) {
				t.Errorf("%s has a key that was destroyed: %v", name, err)
			}
		}
	}
}
