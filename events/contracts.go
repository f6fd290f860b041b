package events

import "time"

// ContractEndedType is the event of a contract's end (contract.md, Events).
const ContractEndedType = "org.okence.contract.ended.v1"

var _ = define[ContractEnded](ContractEndedType, "A processor's contract with a controller ends: data go back, and copies are destroyed.")

// ContractEnded tells from when a contract has ended, said ahead or afterwards
// (L08, S16). Erasure: the controller wants nothing back.
type ContractEnded struct {
	ContractID string    `json:"contract_id"`
	EndedAt    time.Time `json:"ended_at"` // UTC
	Erasure    bool      `json:"erasure,omitempty"`
}

// Validate implements Data.
func (d *ContractEnded) Validate() error {
	switch {
	case !idShape.MatchString(d.ContractID):
		return wrong("contract_id")
	case !instant(d.EndedAt):
		return wrong("ended_at")
	}
	return nil
}
