using System;
using System.Buffers.Binary;
using System.Collections.Generic;
using System.Diagnostics.CodeAnalysis;
using System.IO;
using System.Text;
using System.Text.Unicode;
using Microsoft.Win32.SafeHandles;

namespace AhnSharp.Gguf;

/// <summary>
/// Reads a file's header front to back; every count and length is held against the bytes that are left before anything is allocated.
/// </summary>
internal sealed class GgufCursor
{
    /// <summary>
    /// The longest header that is read. The largest vocabularies in use take about 20 MB; a sparse file could claim any number of keys.
    /// </summary>
    public const long LongestHeader = 256L << 20;

    /// <summary>The longest key or tensor name (the format's limit for keys).</summary>
    public const int LongestName = 65535;

    /// <summary>
    /// Most arrays inside arrays, of the whole header; models in use have none. Each takes three times its bytes in the file: 21 million
    /// empty ones, which a sparse file holds in 4 KB on the disk, took 864 MB.
    /// </summary>
    public const int MaxInnerArrays = 1 << 16;

    private readonly SafeFileHandle _file;
    private readonly string _path;
    private readonly long _end;
    private readonly bool _isCut;
    private readonly byte[] _buffer;
    private int _next;
    private int _filled;
    private long _fileOffset;
    private string _subject = "the header";
    private string? _name;
    private int _number;
    private long _innerArrays;

    public GgufCursor(SafeFileHandle file, string path, long fileLength)
    {
        _file = file;
        _path = path;
        _end = Math.Min(fileLength, LongestHeader);
        _isCut = fileLength > LongestHeader;
        _buffer = new byte[(int)Math.Min(64 << 10, _end)];
    }

    public long Position => _fileOffset - _filled + _next;

    public long Remaining => _end - Position;

    /// <summary>What is being read, for the sentence when it fails; put into words only then.</summary>
    public void About(string subject, string? name = null, int number = 0) => (_subject, _name, _number) = (subject, name, number);

    public byte ReadByte() => Next(1)[0];

    public ushort ReadUInt16() => BinaryPrimitives.ReadUInt16LittleEndian(Next(2));

    public uint ReadUInt32() => BinaryPrimitives.ReadUInt32LittleEndian(Next(4));

    public ulong ReadUInt64() => BinaryPrimitives.ReadUInt64LittleEndian(Next(8));

    public bool ReadBool()
    {
        byte value = ReadByte();
        return value <= 1 ? value == 1 : throw Fail($"expected a bool of 0 or 1, found {value}");
    }

    /// <summary>
    /// A count of things of which each takes at least that many bytes, so that a count that the file cannot hold is refused here.
    /// </summary>
    public int ReadCount(string things, int fewestBytes, int? most = null)
    {
        ulong count = ReadUInt64();
        if (count <= (ulong)Math.Min(most ?? int.MaxValue, Remaining / fewestBytes)) return (int)count;
        throw most is int limit && count > (ulong)limit
            ? Fail($"expected at most {limit} {things}, found a count of {count}")
            : Fail($"expected at most {Remaining / fewestBytes} {things} in the {Remaining} bytes that follow{CutNote}, "
                + $"found a count of {count}");
    }

    /// <summary>Counts arrays that lie in another one, before they are read.</summary>
    public void CountInnerArrays(int count)
    {
        _innerArrays += count;
        if (_innerArrays > MaxInnerArrays)
            throw Fail($"expected at most {MaxInnerArrays} arrays inside arrays in a file, found {_innerArrays}");
    }

    public string ReadString(int longest = int.MaxValue)
    {
        ulong length = ReadUInt64();
        if (length > (ulong)Math.Min(longest, Remaining))
        {
            throw Fail($"expected a string of at most {Math.Min(longest, Remaining)} bytes{CutNote}, found a length of {length}");
        }
        if (length <= (ulong)_buffer.Length) return Decode(Next((int)length));
        byte[] bytes = new byte[length];
        Fill(bytes);
        return Decode(bytes);
    }

    public void Fill(Span<byte> destination)
    {
        Need(destination.Length);
        int held = Math.Min(destination.Length, _filled - _next);
        _buffer.AsSpan(_next, held).CopyTo(destination);
        _next += held;
        Span<byte> rest = destination[held..];
        if (rest.IsEmpty) return;
        ReadFile(rest);
        _next = _filled = 0;
    }

    public InvalidModelException Fail(string sentence) => new($"{_path}: {Subject}: {sentence}.");

    private string Subject => _name is not null ? $"{_subject} {GgufText.Quote(_name)}" : _number > 0 ? $"{_subject} {_number}" : _subject;

    private string CutNote => _isCut ? " (a header is read up to 256 MiB)" : "";

    /// <summary>Whether the string being read is a name for people alone: bytes that are no UTF-8 are then taken for Latin-1.</summary>
    public bool IsForPeople { get; set; }

    /// <summary>Keys whose text was taken for Latin-1.</summary>
    public List<string> TakenForLatin1 { get; } = [];

    private string Decode(ReadOnlySpan<byte> bytes) => Utf8.IsValid(bytes) ? Encoding.UTF8.GetString(bytes) : DecodeLatin1(bytes);

    private string DecodeLatin1(ReadOnlySpan<byte> bytes)
    {
        if (!IsForPeople) throw Fail($"expected UTF-8 text, found {bytes.Length} bytes that are not");
        if (_name is not null && !TakenForLatin1.Contains(_name)) TakenForLatin1.Add(_name);
        return Encoding.Latin1.GetString(bytes);
    }

    private ReadOnlySpan<byte> Next(int count)
    {
        if (_filled - _next < count)
        {
            Need(count);
            _buffer.AsSpan(_next, _filled - _next).CopyTo(_buffer);
            _filled -= _next;
            _next = 0;
            int more = (int)Math.Min(_buffer.Length - _filled, _end - _fileOffset);
            ReadFile(_buffer.AsSpan(_filled, more));
            _filled += more;
        }
        ReadOnlySpan<byte> taken = _buffer.AsSpan(_next, count);
        _next += count;
        return taken;
    }

    private void Need(int count)
    {
        if (count > Remaining) ThrowEnd(count);
    }

    [DoesNotReturn]
    private void ThrowEnd(int count) => throw (_isCut
        ? Fail($"expected {count} more bytes at offset {Position}, but a header is read up to 256 MiB only")
        : Fail($"expected {count} more bytes at offset {Position}, found the end of the file at "
            + $"{_end}; the file is incomplete, fetch it again"));

    private void ReadFile(Span<byte> destination)
    {
        while (!destination.IsEmpty)
        {
            int read;
            try
            {
                read = RandomAccess.Read(_file, destination, _fileOffset);
            }
            catch (IOException error)
            {
                throw new InvalidModelException($"{_path}: reading failed at offset {_fileOffset}: {error.Message}", error);
            }
            if (read == 0) throw Fail($"the file ended at {_fileOffset} while it was read, and was {_end} bytes long before");
            _fileOffset += read;
            destination = destination[read..];
        }
    }
}
