package rawbench

import (
	"database/sql"
	"path/filepath"
	"testing"
	"time"
)

func TestEveryCountedTransactionIsInTheFile(t *testing.T) {
	for name, key := range map[string]func(writer, number, row int) string{"in order": Ordered, "in no order": Random} {
		t.Run("keys "+name, func(t *testing.T) {
			dir := t.TempDir()
			begin := time.Now()
			rate, cpu, err := RunKeys(dir, 4, [][]byte{[]byte("a"), []byte("b"), {}}, 100*time.Millisecond, key)
			if err != nil || rate <= 0 || cpu <= 0 {
				t.Fatalf("%f a second, %s each, %v", rate, cpu, err)
			}
			most := rate * time.Since(begin).Seconds()
			db, err := sql.Open("sqlite", filepath.Join(dir, "raw.db"))
			if err != nil {
				t.Fatal(err)
			}
			defer db.Close()
			var rows int
			if err := db.QueryRow("SELECT count(*) FROM rows").Scan(&rows); err != nil {
				t.Fatal(err)
			}
			if rows == 0 || rows%3 != 0 || float64(rows/3) > most+1 {
				t.Errorf("%d rows at %f transactions of three a second", rows, rate)
			}
		})
	}
}
