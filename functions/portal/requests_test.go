package portal

import "github.com/okence/okence/shared/access"

var (
	_ = may("GET /v1/requests", access.Officer, access.DPO, access.Adviser, access.Supervisor, access.Subject)
	_ = may("POST /v1/requests", access.Officer, access.Adviser, access.Supervisor, access.Subject)
	_ = may("GET /v1/requests/{id}", access.Officer, access.DPO, access.Subject)
	_ = may("POST /v1/requests/{id}/recognition", access.Adviser, access.Supervisor, access.Officer)
	_ = may("POST /v1/requests/{id}/verification", access.Officer, access.Subject)
	_ = may("POST /v1/requests/{id}/handover", access.Officer)
	_ = may("POST /v1/requests/{id}/extension", access.Officer)
	_ = may("POST /v1/requests/{id}/decision", access.Officer)
	_ = may("POST /v1/requests/{id}/advice", access.DPO)
	_ = may("POST /v1/requests/{id}/complaint", access.Officer, access.Subject)
	_ = may("GET /v1/letters", access.Officer)
	_ = may("GET /v1/letters/{id}", access.Officer)
	_ = may("POST /v1/letters/{id}/posting", access.Officer)
)
