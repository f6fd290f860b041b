package memory

import (
	"testing"

	"github.com/okence/okence/shared/store"
	"github.com/okence/okence/shared/store/storetest"
)

func TestContract(t *testing.T) {
	storetest.Run(t, func(*testing.T) store.Store { return New() })
}

func TestContractHoldsBehindTheFaultWrapper(t *testing.T) {
	storetest.Run(t, func(*testing.T) store.Store { return storetest.Faulty(New()) })
}
