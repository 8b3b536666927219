package org.fl4j.server;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.read.ListAppender;
import java.util.List;
import org.slf4j.LoggerFactory;

/** What a class logs while this is open, kept from the console. */
public final class CapturedLog implements AutoCloseable {

    private final Logger logger;
    private final Level before;
    private final ListAppender<ILoggingEvent> events = new ListAppender<>();

    private CapturedLog(Logger logger) {
        this.logger = logger;
        this.before = logger.getLevel();
        events.start();
        logger.setAdditive(false);
        logger.setLevel(Level.DEBUG);
        logger.addAppender(events);
    }

    /** All that the server's package logs, whatever the tests' configuration leaves out. */
    static CapturedLog ofServer() {
        CapturedLog log = new CapturedLog((Logger) LoggerFactory.getLogger("org.fl4j.server"));
        log.logger.setLevel(Level.TRACE);
        return log;
    }

    /** At every level, with what was thrown. */
    String text() {
        StringBuilder text = new StringBuilder();
        for (ILoggingEvent event : events.list) {
            text.append(event.getFormattedMessage()).append('\n');
            if (event.getThrowableProxy() != null) {
                text.append(event.getThrowableProxy().getMessage()).append('\n');
            }
        }
        return text.toString();
    }

    public static CapturedLog of(Class<?> source) {
        return new CapturedLog((Logger) LoggerFactory.getLogger(source));
    }

    public List<String> warnings() {
        return at(Level.WARN);
    }

    List<String> at(Level level) {
        return events.list.stream()
                .filter(event -> event.getLevel().equals(level))
                .map(ILoggingEvent::getFormattedMessage)
                .toList();
    }

    @Override
    public void close() {
        logger.detachAppender(events);
        logger.setLevel(before);
        logger.setAdditive(true);
    }
}
