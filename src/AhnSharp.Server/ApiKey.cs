using System;
using System.Security.Cryptography;
using System.Text;

namespace AhnSharp.Server;

/// <summary>A key that a client shows, kept as its hash alone.</summary>
public sealed class ApiKey
{
    private readonly byte[] _hash;

    private ApiKey(string name, byte[] hash, int? maxAnswers, int priority) =>
        (Name, _hash, MaxAnswers, Priority) = (name, hash, maxAnswers, priority);

    /// <summary>What the log calls it.</summary>
    public string Name { get; }

    /// <summary>Its requests that may run at the same time; null: as many as all may.</summary>
    public int? MaxAnswers { get; }

    /// <summary>Requests with more of it go first; 0 for everybody else.</summary>
    public int Priority { get; }

    /// <summary>SHA-256 of the key, 64 hexadecimal digits: what a file of keys holds.</summary>
    public string Hash => Convert.ToHexStringLower(_hash);

    /// <summary>A key as the client will show it, or <c>sha256:</c> and the 64 digits of its hash.</summary>
    /// <exception cref="ArgumentException">It is too short to be a secret (16 characters), or no hash.</exception>
    public static ApiKey Of(string key, string? name = null, int? maxAnswers = null, int priority = 0)
    {
        ArgumentException.ThrowIfNullOrWhiteSpace(key);
        const string mark = "sha256:";
        const int least = 16;
        if (maxAnswers < 1) throw new ArgumentException($"answers of a key: expected at least 1, found {maxAnswers}.", nameof(maxAnswers));
        byte[] hash;
        if (key.StartsWith(mark, StringComparison.Ordinal))
        {
            string digits = key[mark.Length..];
            if (digits.Length != 2 * SHA256.HashSizeInBytes || !IsHex(digits))
                throw new ArgumentException("sha256: expected 64 hexadecimal digits behind it, found something else.", nameof(key));
            hash = Convert.FromHexString(digits);
        }
        else
        {
            if (key.Length < least)
                throw new ArgumentException($"a key: expected {least} characters or more, found {key.Length}.", nameof(key));
            hash = SHA256.HashData(Encoding.UTF8.GetBytes(key));
        }
        return new ApiKey(name ?? $"key-{Convert.ToHexStringLower(hash)[..8]}", hash, maxAnswers, priority);
    }

    // In a time that does not depend on where they differ: hashes of what is shown are compared, never the keys.
    internal bool Is(ReadOnlySpan<byte> hash) => CryptographicOperations.FixedTimeEquals(hash, _hash);

    private static bool IsHex(string text)
    {
        foreach (char digit in text)
        {
            if (!char.IsAsciiHexDigit(digit)) return false;
        }
        return true;
    }
}
