package org.fl4j.privacy.accounting;

import static org.junit.jupiter.api.Assertions.assertEquals;

import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Known answers: mpmath at 60 digits, Q = erfc(x/sqrt(2))/2 and M = Q/npdf(x). Series up to sqrt 2, pole up to 8.9, none above. */
class NormalTailTest {

    @ParameterizedTest
    @CsvSource({
        "-8, 0.9999999999999993779, 1.979307886424692e14",
        "-1, 0.8413447460685429, 3.477051811703694",
        "0.25, 0.4012936743170763, 1.037824575853727",
        "1.4, 0.08075665923377107, 0.5393576849169067",
        "1.42, 0.0778038405265464, 0.534498715491132",
        "3, 0.001349898031630095, 0.3045902987101033",
        "8, 6.220960574271784e-16, 0.1231319632579323",
        "8.9, 2.792334374939646e-19, 0.1109916512841198",
        "20, 2.753624118606234e-89, 0.04987592598183679",
        "37, 5.725571222524577e-300, 0.02700732796512834"
    })
    void isRightToTheLastDigits(double x, double tail, double mills) {
        assertEquals(tail, NormalTail.upper(x), 1e-15 * tail);
        assertEquals(mills, NormalTail.mills(x), 1e-15 * mills);
    }
}
