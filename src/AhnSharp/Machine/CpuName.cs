using System;
using System.Buffers.Binary;
using System.IO;
using System.Linq;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics.X86;
using System.Text;

namespace AhnSharp.Machine;

/// <summary>What the processor calls itself.</summary>
internal static class CpuName
{
    private const int BrandFirst = unchecked((int)0x80000002), BrandLast = unchecked((int)0x80000004),
        ExtendedMax = unchecked((int)0x80000000);

    /// <summary>For example: AMD EPYC 9354, Raspberry Pi 5 Model B; the architecture where nothing better is known.</summary>
    public static string Here { get; } = Read();

    private static string Read()
    {
        try
        {
            return Brand() ?? Device() ?? CpuInfo() ?? RuntimeInformation.ProcessArchitecture.ToString();
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return RuntimeInformation.ProcessArchitecture.ToString();
        }
    }

    // x86 answers for itself, on every system: three leaves of 16 characters.
    private static string? Brand()
    {
        if (!X86Base.IsSupported || (uint)X86Base.CpuId(ExtendedMax, 0).Eax < unchecked((uint)BrandLast)) return null;
        Span<byte> text = stackalloc byte[48];
        for (int leaf = BrandFirst, at = 0; leaf <= BrandLast; leaf++, at += 16)
        {
            (int eax, int ebx, int ecx, int edx) = X86Base.CpuId(leaf, 0);
            BinaryPrimitives.WriteInt32LittleEndian(text[at..], eax);
            BinaryPrimitives.WriteInt32LittleEndian(text[(at + 4)..], ebx);
            BinaryPrimitives.WriteInt32LittleEndian(text[(at + 8)..], ecx);
            BinaryPrimitives.WriteInt32LittleEndian(text[(at + 12)..], edx);
        }
        string name = Encoding.ASCII.GetString(text).Trim('\0', ' ');
        return name.Length > 0 ? name : null;
    }

    // Boards with a device tree give the board's name there: "Raspberry Pi 5 Model B Rev 1.0".
    private static string? Device()
    {
        const string path = "/proc/device-tree/model";
        return File.Exists(path) && File.ReadAllText(path).Trim('\0', ' ', '\n') is { Length: > 0 } name ? name : null;
    }

    private static string? CpuInfo()
    {
        const string path = "/proc/cpuinfo";
        if (!File.Exists(path)) return null;
        string? line = File.ReadLines(path).FirstOrDefault(
            line => line.StartsWith("model name", StringComparison.Ordinal) || line.StartsWith("Model", StringComparison.Ordinal));
        return line?.Split(':', 2) is [_, var value] && value.Trim() is { Length: > 0 } name ? name : null;
    }
}
