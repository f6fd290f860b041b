# Everything here works from nothing on a machine with Go: the targets fetch
# what they need from the Go module proxy.
#
#   make run     serve on http://127.0.0.1:8080 with embedded defaults
#   make test    the whole test suite, with a plain count at the end
#   make check   what CI runs: format, vet, linters, generated files, tests
#   make demo    a year at the contact centre on a manual clock
#   make bench   the benchmarks, as ratios to limits of the same run
#   make deploy  deploys to AWS, and explains itself; make aws-local does so here
SHELL := /bin/bash
.SHELLFLAGS := -eu -o pipefail -c
.DEFAULT_GOAL := help

# Tools are pinned by version and run from the module proxy: they are no part of
# go.mod, whose modules are those of the product.
STATICCHECK := honnef.co/go/tools/cmd/staticcheck@v0.8.2
GOVULNCHECK := golang.org/x/vuln/cmd/govulncheck@v1.9.0
VULNDB      := $(firstword $(wildcard ../shared/vulndb))

.PHONY: terraform build-aws standin aws-local aws-test deploy help run test check demo bench build generate fmt vet lint vuln fuzz mutations crash race localstack clean

help: ## what there is
	@grep -E '^[a-z-]+:.*##' $(MAKEFILE_LIST) | sed -E 's/:[^#]*## /\t/' | expand -t 14

build: ## the command, as bin/okence
	go build -trimpath -o bin/okence ./local

run: build ## serve on http://127.0.0.1:8080 with embedded defaults
	./bin/okence serve

demo: build ## a year at the contact centre on a manual clock
	./bin/okence demo

bench: build ## the benchmarks, as ratios to limits of the same run
	./bin/okence bench
	go test -run '^$$' -bench 'BareHashing|Seal' -benchtime 20000x ./shared/ledger
	go test -run '^$$' -bench Verify -benchtime 1x ./shared/ledger
	go test -run '^$$' -bench Detect ./shared/domain/identifier
	OKENCE_BENCH=1 go test -count 1 -run BesideABareLambda -v ./shared/host

test: ## the whole test suite, race detector on, with a plain count at the end
	@go run ./local/internal/count -- go test -race -shuffle=on -timeout 9m ./...

generate: ## write what is generated: wiring, map, coverage table
	go generate ./...

fmt:
	@test -z "$$(gofmt -l . | tee /dev/stderr)" || { echo "gofmt -w these files"; exit 1; }

vet:
	go vet ./...
	go vet -tags aws ./functions/... ./shared/host/...
	go vet -tags awslocal ./local
	go vet -tags gcp ./functions/... ./shared/host/...

# Every check of staticcheck's is on but one. ST1003 wants MessageID: fields that
# mirror a provider's JSON are spelled as the provider spells them.
lint: ## staticcheck, all checks but one
	go run $(STATICCHECK) -checks all,-ST1003 ./...

vuln: ## known vulnerabilities, by the public database or the copy beside the project
	go run $(GOVULNCHECK) $(if $(VULNDB),-db file://$(abspath $(VULNDB))) ./...

generated:
	go run ./shared/host/wire -check
	go mod tidy -diff

# The test finds Terraform's providers itself where a machine has them in a folder
# and no way to the registry (shared/host/standin).
terraform: ## infra/aws at what stands in for AWS: format, init, validate, apply, plan (no change), destroy
	@if command -v terraform >/dev/null; then terraform fmt -check -recursive -diff infra/aws; fi
	@OKENCE_TERRAFORM=1 go test -count 1 -timeout 8m -v -run '^TestTerraform' ./shared/host/standin

build-aws: ## the functions for Lambda, arm64 and x86-64, as bin/aws/ARCH/NAME.zip
	go run ./shared/host/pack

standin: ## the functions for what stands in for AWS, as bin/standin
	go run ./shared/host/pack -arch x86_64 -tags lambda.norpc,aws,standin -out bin/standin

aws-local: standin ## infra/aws on what this machine has, without Docker: serves on http://127.0.0.1:8080
	go run -tags awslocal ./local aws-local

aws-test: ## infra/aws applied, the demo through the functions killed and restarted, a clean plan, destroyed
	go test -count 1 -timeout 9m -tags awslocal -run 'TestTheDemoThroughLambdaBinaries' ./local

localstack: ## infra/aws on LocalStack, by Docker, and its smoke test
	@./local/localstack.sh

deploy: ## infra/aws to AWS: shows the plan, and asks
	@./infra/aws/deploy.sh

fuzz: ## every fuzz target for FUZZTIME (default 20s)
	@for p in $$(grep -rl --include='*_test.go' '^func Fuzz' . | xargs -n1 dirname | sort -u); do \
	  for f in $$(grep -ho '^func Fuzz[A-Za-z0-9]*' $$p/*_test.go | cut -c6-); do \
	    echo "$$p $$f"; go test -run '^$$' -fuzz "^$$f$$" -fuzztime $${FUZZTIME:-20s} $$p; done; done

# Those whose proof covers the body. Basic (Infobip, Postmark, mail) proves who sent it, and TLS the rest.
SIGNED := $(addprefix ./shared/channel/,meta viber twilio vonage chatwoot standard callevent ses)

mutations: ## CHECKS (default a million) mutated bodies per provider: none is accepted
	go test $(SIGNED) -count 1 -timeout 90m -v \
	  -run '^(TestSuite|TestWhatHoldsForEveryProvider|TestAMutatedMessage).*/^a_mutated_body_is_refused' \
	  -rapid.checks=$${CHECKS:-1000000} | grep -E 'passed|FAIL|^ok'

crash: ## kill -9 under load, KILLS times (default 200)
	OKENCE_KILLS=$${KILLS:-200} go test -count 1 -timeout 60m -run 'TestKill' -v ./local

# Terraform mostly waits, so it runs beside linters and tests and is told of last.
check: fmt vet generated ## what CI runs
	@log=$$(mktemp); trap 'rm -f '$$log EXIT; \
	$(MAKE) --no-print-directory terraform >$$log 2>&1 & beside=$$!; \
	failed=; $(MAKE) --no-print-directory lint vuln && $(MAKE) --no-print-directory test || failed=1; \
	wait $$beside || failed=1; \
	echo "make terraform, beside all that:"; cat $$log; [ -z "$$failed" ]

clean: ## what a build and a run left
	rm -rf bin .data
