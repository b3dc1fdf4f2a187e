using System;
using System.Buffers;
using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using AhnSharp.Gguf;

namespace AhnSharp.Hub;

/// <summary>The hash by which the hub names a file: SHA-256 of what lies in large-file storage, git's SHA-1 of everything else.</summary>
/// <remarks>
/// Git's is SHA-1 over <c>blob LENGTH</c>, a zero byte, and the content. OpenSSL's SHA-256 is taken where it is there (1,500 MB/s on
/// one core of an AMD EPYC of the Zen 4 kind, against 180 of the managed one): a partial file is hashed anew when a download goes on,
/// and that is felt at gigabytes.
/// </remarks>
internal sealed class BlobHash : IDisposable
{
    public const int Sha256Digits = 64, GitDigits = 40;

    private static readonly SearchValues<char> s_hexDigits = SearchValues.Create("0123456789abcdef");
    private readonly IncrementalHash? _platform;
    private readonly BlockHash? _managed;

    private BlobHash(IncrementalHash? platform, BlockHash? managed) => (_platform, _managed) = (platform, managed);

    /// <summary>Begins the hash that an id of this length is.</summary>
    public static BlobHash For(string blobId, long bytes) => blobId.Length == Sha256Digits ? Sha256(OpenSsl.IsUsable) : Git(bytes);

    /// <summary>SHA-256 of a large file, by the platform or in managed code.</summary>
    public static BlobHash Sha256(bool byPlatform) =>
        byPlatform ? new BlobHash(IncrementalHash.CreateHash(HashAlgorithmName.SHA256), null) : new BlobHash(null, new Sha256());

    /// <summary>
    /// True for what may be an id: a whole hash in lower-case hex. Anything else from a server must not become a file name.
    /// </summary>
    public static bool IsId(string text) => text.Length is Sha256Digits or GitDigits && !text.AsSpan().ContainsAnyExcept(s_hexDigits);

    public void Append(ReadOnlySpan<byte> bytes)
    {
        if (_platform is not null) _platform.AppendData(bytes);
        else _managed!.Append(bytes);
    }

    /// <summary>The hash in lower-case hex; nothing can be added after.</summary>
    public string Finish() => Convert.ToHexStringLower(_platform is not null ? _platform.GetHashAndReset() : _managed!.Finish());

    public void Dispose() => _platform?.Dispose();

    private static BlobHash Git(long bytes)
    {
        BlobHash hash = new(null, new Sha1());
        hash.Append(Encoding.ASCII.GetBytes(string.Create(CultureInfo.InvariantCulture, $"blob {bytes}\0")));
        return hash;
    }
}
