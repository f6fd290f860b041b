package blob_test

import (
	"testing"

	"github.com/okence/okence/shared/blob"
	"github.com/okence/okence/shared/blob/blobtest"
)

func TestMemoryKeepsTheContract(t *testing.T) {
	blobtest.Run(t, func(*testing.T) blob.Store { return blob.NewMemory() })
}
