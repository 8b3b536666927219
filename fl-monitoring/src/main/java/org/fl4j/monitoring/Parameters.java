package org.fl4j.monitoring;

import java.util.LinkedHashMap;
import java.util.Map;
import org.fl4j.nd4j.NativeThreads;
import org.fl4j.server.checkpoint.ServerState;
import org.fl4j.server.report.Disclosure;

/** What a run's start says beside its name: the host's parameters, then what it runs on. */
record Parameters(Map<String, String> ofHost, NativeThreads.Provenance provenance) {

    /** With a seed cohorts can be drawn again, and the run's start is a hash that a seed can be guessed by. */
    Map<String, String> of(ServerState from, Disclosure disclosure) {
        Map<String, String> all = new LinkedHashMap<>(ofHost);
        if (disclosure != Disclosure.RELEASES) {
            all.put("seed", Long.toString(from.seed()));
        }
        all.put("java", provenance.java());
        all.put("platform", provenance.platform());
        all.put("backend", provenance.backend());
        NativeThreads.Blas blas = provenance.blas();
        all.put("blas", blas.vendor() + " " + blas.version() + " on " + blas.core());
        all.put("native threads", Integer.toString(provenance.nativeThreads()));
        all.put("values", Integer.toString(from.weights().layout().length()));
        return all;
    }

    static String nameOf(ServerState from, Disclosure disclosure) {
        String name = from.run().toString();
        return disclosure == Disclosure.RELEASES ? name.substring(name.indexOf('-') + 1) : name;
    }
}
