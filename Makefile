# The contract of the servers: simulated ones, or real ones with MONGOD= and MONGOS=.
SIMULATE ?= 4.4

.PHONY: contract
contract:
	./mvnw -q -B -pl sandbox -am test -Dgroups=contract -DskipChecks=true \
	  -Dsurefire.failIfNoSpecifiedTests=false -Dstillpoint.contract.table=true \
	  $(if $(MONGOD),-Dstillpoint.mongod=$(MONGOD) -Dstillpoint.mongos=$(MONGOS),-Dstillpoint.simulate=$(SIMULATE))

# target/stillpoint-VERSION.tar.gz, to install where there is no source tree.
.PHONY: dist
dist:
	deploy/make-dist
