package dossier_test

import (
	"context"
	"fmt"
	"os"
	"strconv"
	"testing"

	"github.com/okence/okence/shared/access"
	"github.com/okence/okence/shared/domain/contact"
	model "github.com/okence/okence/shared/domain/dossier"
	"github.com/okence/okence/shared/domain/message"
	"github.com/okence/okence/shared/record"
	"github.com/okence/okence/shared/store/storetest"
	"github.com/okence/okence/shared/work"
)

// TestAPackageReadsThePersonsOwnRecordsOnly counts: among a hundred strangers and
// among thirty times as many (OKENCE_STRANGERS, such as 10000), the package of the same person asks the store as often, and
// for as many documents.
func TestAPackageReadsThePersonsOwnRecordsOnly(t *testing.T) {
	n := 3_000
	if more, err := strconv.Atoi(os.Getenv("OKENCE_STRANGERS")); err == nil {
		n = more
	}
	few, many := costAmong(t, 100), costAmong(t, n)
	if few != many || few.Docs == 0 {
		t.Errorf("among 100: %+v, among %d: %+v", few, n, many)
	}
}

// costAmong is what one package costs among so many strangers with a record each.
func costAmong(t *testing.T, strangers int) storetest.Counts {
	w := newWorld(t)
	ana, bor := person{"contact1", "Ana Horvat", "ana@example.si", "+38641123456"}, person{"contact2", "Bor Kos", "bor@primer.example", "+38640555111"}
	w.person(ana)
	w.person(bor)
	w.talk("conv", ana, "Prijava")
	for i := range 30 {
		w.say("conv", fmt.Sprint("a", i), ana, "Še vedno ne dela.")
	}
	w.say("conv", "b", bor, "Tudi pri meni ne.")
	const batch = 40
	for from := 0; from < strangers; from += batch {
		w.do(access.Intake, func(_ context.Context, u *work.Unit) error {
			for i := from; i < min(from+batch, strangers); i++ {
				who := fmt.Sprint("stranger", i)
				work.Save(u, record.Contacts, &contact.Contact{ID: who, CreatedAt: u.Now(), Addresses: []contact.Address{
					{Scheme: message.Mailto, Address: who + "@example.si", Channel: message.Email, SeenAt: u.Now()},
				}})
			}
			return nil
		})
	}
	w.Docs.Reset()
	w.build(model.Access, nil, ana.id)
	return w.Docs.Count()
}
