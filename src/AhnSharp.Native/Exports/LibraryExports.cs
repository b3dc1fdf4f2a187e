using System.Reflection;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using AhnSharp.Native.Boundary;

namespace AhnSharp.Native.Exports;

/// <summary>What the library says of itself.</summary>
internal static unsafe class LibraryExports
{
    private const int AbiVersion = 1;

    private static readonly byte[] s_version = Utf8Text.Pinned(
        typeof(LibraryExports).Assembly.GetCustomAttribute<AssemblyInformationalVersionAttribute>()?.InformationalVersion ?? "unknown");

    [UnmanagedCallersOnly(EntryPoint = "ahn_abi_version", CallConvs = [typeof(CallConvCdecl)])]
    public static int GetAbiVersion() => AbiVersion;

    [UnmanagedCallersOnly(EntryPoint = "ahn_version", CallConvs = [typeof(CallConvCdecl)])]
    public static byte* Version() => (byte*)Marshal.UnsafeAddrOfPinnedArrayElement(s_version, 0);

    [UnmanagedCallersOnly(EntryPoint = "ahn_last_error", CallConvs = [typeof(CallConvCdecl)])]
    public static byte* GetLastError() => LastError.Pointer;
}
