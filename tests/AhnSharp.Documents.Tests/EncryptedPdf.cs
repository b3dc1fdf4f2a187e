using System;
using System.Linq;
using System.Security.Cryptography;
using System.Text;

namespace AhnSharp.Documents.Tests;

/// <summary>A PDF that is encrypted with an empty password for opening, as programs make them to forbid printing: standard handler,
/// revision 2, RC4 of 40 bits.</summary>
internal static class EncryptedPdf
{
    private static readonly byte[] s_padding = Convert.FromHexString("28BF4E5E4E758A4164004E56FFFA01082E2E00B6D0683E802F0CA9FE6453697A");

#pragma warning disable CA5351 // The format asks for MD5.
    public static byte[] Page(string content, string font)
    {
        byte[] owner = Rc4(MD5.HashData(Padded("owner"))[..5], s_padding), id = [0];
        byte[] key = MD5.HashData([.. s_padding, .. owner, 0xFC, 0xFF, 0xFF, 0xFF, .. id])[..5];
        string trailer = $"/Encrypt << /Filter /Standard /V 1 /R 2 /P -4 /O <{Convert.ToHexString(owner)}> /U "
            + $"<{Convert.ToHexString(Rc4(key, s_padding))}> >> /ID [<00> <00>]";
        return RawPdf.Write([content], [font], "/MediaBox [0 0 612 792]", [], trailer, (number, text) =>
            Encoding.Latin1.GetString(Rc4(MD5.HashData([.. key, (byte)number, (byte)(number >> 8), 0, 0, 0])[..10],
                Encoding.Latin1.GetBytes(text))));
    }
#pragma warning restore CA5351

    private static byte[] Padded(string password) => [.. Encoding.Latin1.GetBytes(password).Concat(s_padding).Take(32)];

    private static byte[] Rc4(byte[] key, byte[] data)
    {
        byte[] state = [.. Enumerable.Range(0, 256).Select(static i => (byte)i)], result = new byte[data.Length];
        for (int i = 0, j = 0; i < 256; i++)
        {
            j = (j + state[i] + key[i % key.Length]) & 255;
            (state[i], state[j]) = (state[j], state[i]);
        }
        for (int n = 0, i = 0, j = 0; n < data.Length; n++)
        {
            i = (i + 1) & 255;
            j = (j + state[i]) & 255;
            (state[i], state[j]) = (state[j], state[i]);
            result[n] = (byte)(data[n] ^ state[(state[i] + state[j]) & 255]);
        }
        return result;
    }
}
