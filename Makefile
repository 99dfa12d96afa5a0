# Everything that a person or CI does with this repository.
# Go and make are enough.

FUZZTIME ?= 30s
BENCH    ?= .

# The linters are pinned here and run from their modules: no go.mod of ours grows by them.
STATICCHECK  = go run honnef.co/go/tools/cmd/staticcheck@v0.8.2
GOLANGCILINT = go run github.com/golangci/golangci-lint/v2/cmd/golangci-lint@v2.15.0

.PHONY: help
help: ## list the targets
	@awk -F ':.*## ' '/^[a-z-]+:.*## / {printf "make %-15s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

.PHONY: generate
generate: ## empty gen/ and remake it from openapi.yaml
	@find gen -type f -name '*.gen.go' -delete
	go generate ./...

.PHONY: check
check: ## all that CI asks for besides the tests: fresh code, tidy modules, linters, old evidence judged again, client and stub agree
	@files=$$(gofmt -l .); test -z "$$files" || { echo "check: run gofmt -w on $$files"; exit 1; }
	go mod tidy -diff
	go vet ./...
	$(STATICCHECK) ./...
	@sh .ci/fresh
	go test -count=1 -run 'TestDocument|TestWalls' .
	go run ./cmd/daric check
	@$(MAKE) --no-print-directory contract

.PHONY: lint
lint: ## golangci-lint with .golangci.yml (slow the first time)
	$(GOLANGCILINT) run ./...

.PHONY: test
test: ## run every test
	go test -count=1 ./...

.PHONY: contract
contract: ## judge the stub's answers and the shipped evidence against openapi.yaml
	@cd contract && go test -count=1 -run '^TestContract$$'

.PHONY: contract-live
contract-live: ## the same against DARI_BASE_URL with DARI_API_KEY (and DARI_AGENT_ID); this starts work there
	@test -n "$$DARI_BASE_URL" && test -n "$$DARI_API_KEY" || { echo 'contract-live: set DARI_BASE_URL and DARI_API_KEY'; exit 2; }
	@cd contract && go test -count=1 -run '^TestContractLive$$'

.PHONY: suites
suites: ## hold the judge against public test suites, fetched as Go modules
	cd bench && go vet ./... && go test -count=1 -v ./...

.PHONY: bench
bench: ## run the benchmarks
	go test -run '^$$' -bench '$(BENCH)' -benchmem ./...

.PHONY: fuzz
fuzz: ## run every fuzz target for FUZZTIME
	@for pkg in $$(go list ./...); do \
		for target in $$(go test -list '^Fuzz' $$pkg | grep '^Fuzz'); do \
			echo "$$pkg $$target"; \
			go test -run '^$$' -fuzz "^$$target$$" -fuzzminimizetime 20x -fuzztime $(FUZZTIME) $$pkg || exit 1; \
		done; \
	done
