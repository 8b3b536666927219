package org.fl4j.internal;

import java.io.IOException;
import java.net.URI;
import java.nio.channels.FileChannel;
import java.nio.channels.SeekableByteChannel;
import java.nio.file.AccessMode;
import java.nio.file.CopyOption;
import java.nio.file.DirectoryStream;
import java.nio.file.FileStore;
import java.nio.file.FileSystem;
import java.nio.file.FileSystems;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.OpenOption;
import java.nio.file.Path;
import java.nio.file.PathMatcher;
import java.nio.file.StandardOpenOption;
import java.nio.file.WatchService;
import java.nio.file.attribute.BasicFileAttributes;
import java.nio.file.attribute.FileAttribute;
import java.nio.file.attribute.FileAttributeView;
import java.nio.file.attribute.UserPrincipalLookupService;
import java.nio.file.spi.FileSystemProvider;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * The default file system, until its process dies: before the chosen one of the operations that change something, and
 * from then on before every operation, {@link Death} is thrown; open channels can still be closed, as they are when a
 * process ends. So what lies on the disk afterwards is what a kill at that point leaves. Nothing is forced to disk: a kill
 * does not ask for it, and it takes most of the time.
 */
public final class DyingFiles extends FileSystemProvider {

    /** The process is dead. */
    public static final class Death extends Error {

        private static final long serialVersionUID = 1L;
    }

    /** Counts and names operations that change something; called before each. */
    public interface Watch {

        /** Throws {@link Death} if the process dies here. */
        void before(String operation);
    }

    private final FileSystemProvider real = FileSystems.getDefault().provider();
    private final FileSystem system = new DyingFileSystem(this);
    private final Watch watch;

    /** Dies where the watch says so. */
    public DyingFiles(Watch watch) {
        this.watch = watch;
    }

    /** Never dies. */
    public static DyingFiles immortal() {
        return new DyingFiles(name -> {});
    }

    /** Dies before the operation of that number, counted from 0. */
    public static DyingFiles before(int operation) {
        int[] done = {0};
        return new DyingFiles(name -> {
            if (done[0]++ >= operation) {
                throw new Death();
            }
        });
    }

    /** A path as this file system sees it. */
    public Path path(Path there) {
        return new DyingPath(there, this);
    }

    FileSystem system() {
        return system;
    }

    void change(String operation) {
        watch.before(operation);
    }

    static Path real(Path path) {
        return path instanceof DyingPath dying ? dying.real() : path;
    }

    @Override
    public FileChannel newFileChannel(Path path, Set<? extends OpenOption> options, FileAttribute<?>... attributes)
            throws IOException {
        if (options.contains(StandardOpenOption.WRITE)) {
            change("open " + path.getFileName());
        }
        return new DyingChannel(
                FileChannel.open(real(path), options, attributes), this, String.valueOf(path.getFileName()));
    }

    @Override
    public SeekableByteChannel newByteChannel(
            Path path, Set<? extends OpenOption> options, FileAttribute<?>... attributes) throws IOException {
        return newFileChannel(path, options, attributes);
    }

    @Override
    public DirectoryStream<Path> newDirectoryStream(Path folder, DirectoryStream.Filter<? super Path> filter)
            throws IOException {
        List<Path> found = new ArrayList<>();
        try (DirectoryStream<Path> all = Files.newDirectoryStream(real(folder))) {
            for (Path path : all) {
                if (filter.accept(path(path))) {
                    found.add(path(path));
                }
            }
        }
        return new DirectoryStream<>() {
            @Override
            public Iterator<Path> iterator() {
                return found.iterator();
            }

            @Override
            public void close() {}
        };
    }

    @Override
    public void createDirectory(Path folder, FileAttribute<?>... attributes) throws IOException {
        change("mkdir " + folder.getFileName());
        real.createDirectory(real(folder), attributes);
    }

    @Override
    public void delete(Path path) throws IOException {
        change("delete " + path.getFileName());
        real.delete(real(path));
    }

    @Override
    public boolean deleteIfExists(Path path) throws IOException {
        change("delete " + path.getFileName());
        return real.deleteIfExists(real(path));
    }

    @Override
    public void move(Path from, Path to, CopyOption... options) throws IOException {
        change("move " + to.getFileName());
        real.move(real(from), real(to), options);
    }

    @Override
    public void copy(Path from, Path to, CopyOption... options) {
        throw new UnsupportedOperationException();
    }

    @Override
    public boolean isSameFile(Path one, Path other) throws IOException {
        return real.isSameFile(real(one), real(other));
    }

    @Override
    public boolean isHidden(Path path) throws IOException {
        return real.isHidden(real(path));
    }

    @Override
    public FileStore getFileStore(Path path) throws IOException {
        return real.getFileStore(real(path));
    }

    @Override
    public void checkAccess(Path path, AccessMode... modes) throws IOException {
        real.checkAccess(real(path), modes);
    }

    @Override
    public <V extends FileAttributeView> V getFileAttributeView(Path path, Class<V> type, LinkOption... options) {
        return real.getFileAttributeView(real(path), type, options);
    }

    @Override
    public <A extends BasicFileAttributes> A readAttributes(Path path, Class<A> type, LinkOption... options)
            throws IOException {
        return real.readAttributes(real(path), type, options);
    }

    @Override
    public Map<String, Object> readAttributes(Path path, String attributes, LinkOption... options) throws IOException {
        return real.readAttributes(real(path), attributes, options);
    }

    @Override
    public void setAttribute(Path path, String attribute, Object value, LinkOption... options) {
        throw new UnsupportedOperationException();
    }

    @Override
    public String getScheme() {
        return "dying";
    }

    @Override
    public FileSystem newFileSystem(URI uri, Map<String, ?> environment) {
        throw new UnsupportedOperationException();
    }

    @Override
    public FileSystem getFileSystem(URI uri) {
        throw new UnsupportedOperationException();
    }

    @Override
    public Path getPath(URI uri) {
        throw new UnsupportedOperationException();
    }

    private static final class DyingFileSystem extends FileSystem {

        private final DyingFiles provider;

        DyingFileSystem(DyingFiles provider) {
            this.provider = provider;
        }

        @Override
        public FileSystemProvider provider() {
            return provider;
        }

        @Override
        public void close() {}

        @Override
        public boolean isOpen() {
            return true;
        }

        @Override
        public boolean isReadOnly() {
            return false;
        }

        @Override
        public String getSeparator() {
            return FileSystems.getDefault().getSeparator();
        }

        @Override
        public Iterable<Path> getRootDirectories() {
            throw new UnsupportedOperationException();
        }

        @Override
        public Iterable<FileStore> getFileStores() {
            throw new UnsupportedOperationException();
        }

        @Override
        public Set<String> supportedFileAttributeViews() {
            return FileSystems.getDefault().supportedFileAttributeViews();
        }

        @Override
        public Path getPath(String first, String... more) {
            return provider.path(Path.of(first, more));
        }

        @Override
        public PathMatcher getPathMatcher(String pattern) {
            throw new UnsupportedOperationException();
        }

        @Override
        public UserPrincipalLookupService getUserPrincipalLookupService() {
            throw new UnsupportedOperationException();
        }

        @Override
        public WatchService newWatchService() {
            throw new UnsupportedOperationException();
        }
    }
}
