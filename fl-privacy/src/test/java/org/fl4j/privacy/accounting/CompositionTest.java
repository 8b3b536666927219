package org.fl4j.privacy.accounting;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.util.Map;
import org.junit.jupiter.api.Test;

class CompositionTest {

    private static final PrivacyEvent A = PrivacyEvent.unsampled(1).poisson(0.1);
    private static final PrivacyEvent B = PrivacyEvent.unsampled(1).poisson(0.2);

    @Test
    void countsEventsInAnyOrder() {
        Composition one = Composition.of(A, 2).plus(B).plus(A, 3).plus(B, 0);
        Composition other = Composition.of(B, 1).plus(A).plus(A, 4);

        assertEquals(Map.of(A, 5L, B, 1L), one.events());
        assertEquals(one, other);
        assertEquals(one.hashCode(), other.hashCode());
        assertEquals(one, Composition.of(A, 5).plus(Composition.of(B, 1)));
        assertNotEquals(one, one.plus(A));
    }

    @Test
    void isImmutable() {
        Composition start = Composition.of(A, 1);
        Composition left = start.plus(B);
        Composition right = start.plus(A);
        assertEquals(Map.of(A, 1L, B, 1L), left.events());

        assertEquals(Map.of(A, 1L), start.events());
        assertEquals(Map.of(A, 2L), right.events());
        assertEquals(Map.of(A, 2L, B, 1L), left.plus(A).events());
        assertThrows(UnsupportedOperationException.class, () -> start.events().clear());
        assertEquals(Map.of(), Composition.empty().events());
    }

    /** A chain of single rounds is counted without recursion. */
    @Test
    void holdsManyRounds() {
        Composition ledger = Composition.empty();
        for (int i = 0; i < 100_000; i++) {
            ledger = ledger.plus(PrivacyEvent.unsampled(1 + i % 1000).poisson(0.5));
        }

        assertEquals(1000, ledger.events().size());
        assertEquals(100, ledger.events().get(PrivacyEvent.unsampled(7).poisson(0.5)));
    }

    @Test
    void rejectsCountsBeyondLong() {
        Composition most = Composition.of(A, Long.MAX_VALUE).plus(A);

        assertThrows(ArithmeticException.class, most::events);
    }
}
