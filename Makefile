# The contract of the servers: simulated ones of a version (SIMULATE=), or real ones with MONGOD=
# and MONGOS=. Prints a table; a row that fails makes it fail.
SIMULATE ?= 4.4

.PHONY: contract
contract:
	./mvnw -q -B -pl sandbox -am test -Dgroups=contract -DskipChecks=true \
	  -Dsurefire.failIfNoSpecifiedTests=false -DrerunFailingTests=0 -DtestForks=1 -Dstillpoint.contract.table=true \
	  $(if $(MONGOD),-Dstillpoint.mongod=$(abspath $(MONGOD)) -Dstillpoint.mongos=$(abspath $(MONGOS)),-Dstillpoint.simulate=$(SIMULATE))

# target/stillpoint-VERSION.tar.gz, to install where there is no source tree.
.PHONY: dist
dist:
	deploy/make-dist

# Faults on real processes: every case, or CASES=part-of-a-name, or CASES=10 of them chosen by SEED=1.
# WORLD=sharded for the cases on a sharded cluster. How far it is: sandbox/target/fault-progress.txt.
CASES ?= all
WORLD ?= set
.PHONY: faults
faults:
	./mvnw -q -B -pl sandbox -am test -Dtest=FaultCampaignTest -DskipChecks=true \
	  -Dsurefire.failIfNoSpecifiedTests=false -DrerunFailingTests=0 \
	  -Dstillpoint.faults='$(CASES)' -Dstillpoint.faults.world=$(WORLD) -Dstillpoint.faults.seed=$(SEED)

# Random schedules of faults over the workflow code in virtual time: SEED=n is the first seed, RUNS=n how many.
SEED ?= 1
RUNS ?= 2000
.PHONY: sim
sim:
	./mvnw -q -B -pl workflows test -Dtest=ScheduleTest#shouldHoldTheInvariantsUnderEverySchedule -DskipChecks=true \
	  -DrerunFailingTests=0 -DtestForks=1 -DtestJit=-XX:+UseParallelGC -Dstillpoint.sim.seed=$(SEED) -Dstillpoint.sim.runs=$(RUNS)

# The figures of benchmarks/README.md, into target/bench/. BENCH='--only copy,cluster' for some of
# them, BENCH=--tiny to see that they work; real servers with MONGOD= and MONGOS=.
BENCH ?=
.PHONY: bench
bench:
	./mvnw -q -B -pl sandbox -am test-compile dependency:build-classpath -DskipChecks=true \
	  -Dmdep.outputFile=target/bench.classpath -Dmdep.includeScope=test
	java -Xmx1g -cp sandbox/target/test-classes:sandbox/target/classes:$$(cat sandbox/target/bench.classpath) \
	  $(if $(MONGOD),-Dstillpoint.mongod=$(abspath $(MONGOD)) -Dstillpoint.mongos=$(abspath $(MONGOS))) \
	  io.stillpoint.sandbox.bench.Bench $(BENCH)

# Records workflow histories for the replay test, as NAME-*.json beside the others. Do it when
# workflow code changed behind a version.
.PHONY: histories
histories:
	@test -n '$(NAME)' || { echo 'HINT: make histories NAME=word-for-the-change'; exit 2; }
	./mvnw -q -B -pl workflows test -Dtest=ReplayTest#shouldRecordHistoriesWhenAsked -DskipChecks=true \
	  -DrerunFailingTests=0 -Dstillpoint.histories.write='$(NAME)'

# Many clusters at once, many sets, many collections, on a real Temporal server; takes some minutes.
.PHONY: load
load:
	STILLPOINT_SANDBOX_HEAP=768m ./mvnw -q -B -pl sandbox -am test -Dtest='LoadTest,ManyCollectionsTest' -DskipChecks=true \
	  -Dsurefire.failIfNoSpecifiedTests=false -DrerunFailingTests=0 -Dstillpoint.load=true

# A backup that the worker of an older build began is finished by today's: make upgrade FROM=commit.
OLDER := $(abspath target/upgrade)
.PHONY: upgrade
upgrade:
	@test -n '$(FROM)' || { echo 'HINT: make upgrade FROM=commit-or-tag'; exit 2; }
	git worktree remove --force $(OLDER) 2>/dev/null || true
	git worktree add --force --detach $(OLDER) '$(FROM)'
	$(OLDER)/stillpoint version
	./mvnw -q -B -pl sandbox -am test -Dtest=UpgradeTest -DskipChecks=true \
	  -Dsurefire.failIfNoSpecifiedTests=false -DrerunFailingTests=0 -Dstillpoint.upgrade.from=$(OLDER)
	git worktree remove --force $(OLDER)
