package org.fl4j.random;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;

import java.util.HashSet;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class SeedsTest {

    /**
     * Computed with Python: {@code int.from_bytes(hashlib.sha256(struct.pack('>qii', seed, round, len(c)) + c +
     * p).digest()[:8], 'big', signed=True)} with c and p the UTF-8 bytes of client and purpose.
     */
    @ParameterizedTest
    @CsvSource({
        "42, 0, '', shuffle, 3070172809416102239",
        "42, 3, '', select, 6440150225752601216",
        "7, 3, hospital-17, dropout, -1929189971172106363",
        "-1, 2147483647, Z\u00fcrich, noise, 8017282486264628679",
        "0, 0, '', '', 3983162290893594069",
    })
    void isTheDocumentedFormat(long seed, int round, String client, String purpose, long expected) {
        assertEquals(expected, Seeds.derive(seed, round, client, purpose));
    }

    @Test
    void shortFormsLeaveRoundAndClientEmpty() {
        assertEquals(Seeds.derive(42, 0, "", "shuffle"), Seeds.derive(42, "shuffle"));
        assertEquals(Seeds.derive(42, 3, "", "select"), Seeds.derive(42, 3, "select"));
    }

    @Test
    void everyPartCounts() {
        Set<Long> seeds = new HashSet<>();
        for (long seed = 0; seed < 5; seed++) {
            for (int round = 0; round < 5; round++) {
                for (String client : new String[] {"", "a", "b", "ab"}) {
                    for (String purpose : new String[] {"", "a", "b", "ab"}) {
                        seeds.add(Seeds.derive(seed, round, client, purpose));
                    }
                }
            }
        }
        assertEquals(5 * 5 * 4 * 4, seeds.size());
    }

    @Test
    void clientAndPurposeDoNotRunTogether() {
        assertNotEquals(Seeds.derive(1, 1, "ab", "c"), Seeds.derive(1, 1, "a", "bc"));
    }
}
