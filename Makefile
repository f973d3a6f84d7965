# The contract of the servers: simulated ones of a version (SIMULATE=), or real ones with MONGOD=
# and MONGOS=. Prints a table; a row that fails makes it fail.
SIMULATE ?= 4.4

.PHONY: contract
contract:
	./mvnw -q -B -pl sandbox -am test -Dgroups=contract -DskipChecks=true \
	  -Dsurefire.failIfNoSpecifiedTests=false -DrerunFailingTests=0 -Dstillpoint.contract.table=true \
	  $(if $(MONGOD),-Dstillpoint.mongod=$(abspath $(MONGOD)) -Dstillpoint.mongos=$(abspath $(MONGOS)),-Dstillpoint.simulate=$(SIMULATE))

# target/stillpoint-VERSION.tar.gz, to install where there is no source tree.
.PHONY: dist
dist:
	deploy/make-dist
