using System;
using System.IO;
using System.IO.MemoryMappedFiles;
using Microsoft.Win32.SafeHandles;

namespace AhnSharp.Gguf;

/// <summary>One file on disk: its handle, its mapping where one is wanted, and its header.</summary>
internal sealed class GgufPart : IDisposable
{
    private readonly SafeFileHandle _file;
    private readonly MemoryMappedFile? _mapping;
    private readonly MemoryMappedViewAccessor? _view;

    private GgufPart(string path, SafeFileHandle file, long byteLength, GgufHeader header, bool memoryMap)
    {
        Path = path;
        ByteLength = byteLength;
        Header = header;
        _file = file;
        if (!memoryMap) return;
        _mapping = MemoryMappedFile.CreateFromFile(file, null, 0, MemoryMappedFileAccess.Read, HandleInheritability.None, leaveOpen: true);
        _view = _mapping.CreateViewAccessor(0, byteLength, MemoryMappedFileAccess.Read);
    }

    public string Path { get; }

    public long ByteLength { get; }

    public GgufHeader Header { get; }

    public static GgufPart Open(string path, int fileIndex, bool memoryMap)
    {
        if (Directory.Exists(path)) throw new InvalidModelException($"{path}: expected a GGUF file, found a folder.");
        SafeFileHandle? file = null;
        try
        {
            FileInfo info = new(path);
            if (!info.Exists) throw NoFile(path, info.FullName);
            // Asked before opening: pipes and devices have length 0 too, and opening a pipe would wait for its writer.
            if (info.Length == 0) throw new InvalidModelException($"{path}: expected a GGUF file, found an empty one.");
            file = File.OpenHandle(path, FileMode.Open, FileAccess.Read, FileShare.Read);
            long length = RandomAccess.GetLength(file);
            GgufHeader header = GgufHeader.Read(new GgufCursor(file, path, length), path, length, fileIndex);
            return new GgufPart(path, file, length, header, memoryMap);
        }
        catch (Exception error)
        {
            file?.Dispose();
            if (error is (IOException or UnauthorizedAccessException or NotSupportedException) and not FileNotFoundException)
            {
                throw new InvalidModelException($"{path}: expected a GGUF file that can be read: {error.Message}", error);
            }
            throw;
        }
    }

    public unsafe void ReadMapped(long byteOffset, Span<byte> destination)
    {
        if (_view is null)
        {
            ReadFile(byteOffset, destination);
            return;
        }
        // The handle's own ReadSpan copies byte by byte (1 GB/s); the pointer it lends keeps the mapping alive until it is given back.
        byte* start = null;
        try
        {
            _view.SafeMemoryMappedViewHandle.AcquirePointer(ref start);
            new ReadOnlySpan<byte>(start + _view.PointerOffset + byteOffset, destination.Length).CopyTo(destination);
        }
        finally
        {
            if (start != null) _view.SafeMemoryMappedViewHandle.ReleasePointer();
        }
    }

    public void ReadFile(long byteOffset, Span<byte> destination)
    {
        while (!destination.IsEmpty)
        {
            int read = RandomAccess.Read(_file, destination, byteOffset);
            if (read == 0)
            {
                throw new InvalidModelException(
                    $"{Path}: expected {destination.Length} bytes at offset {byteOffset}, found the end of the file; "
                        + $"it was {ByteLength} bytes long when it was opened.");
            }
            destination = destination[read..];
            byteOffset += read;
        }
    }

    // Not as an inner exception without words: the runtime would call it an assembly that could not be loaded.
    private static FileNotFoundException NoFile(string path, string fullPath)
    {
        string where = System.IO.Path.IsPathRooted(path) ? "" : $" in {System.IO.Path.GetDirectoryName(fullPath)}";
        return new FileNotFoundException(
            GgufText.Sentence($"{path}: expected a GGUF file, found no file of that name{where}; "
                + "give the path of a model on this machine ('ahn pull' and the package AhnSharp.Hub fetch them)."),
            fullPath);
    }

    public void Dispose()
    {
        _view?.Dispose();
        _mapping?.Dispose();
        _file.Dispose();
    }
}
