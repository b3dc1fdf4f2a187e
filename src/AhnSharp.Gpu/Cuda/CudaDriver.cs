using System;
using System.Reflection;
using System.Runtime.InteropServices;

namespace AhnSharp.Gpu.Cuda;

/// <summary>What ILGPU does not import of NVIDIA's driver. All return 0, or the driver's error.</summary>
/// <remarks>Source: NVIDIA, CUDA Driver API 12.3; edges of graphs with a type are there since.</remarks>
internal static partial class CudaDriver
{
    private const string Library = "nvcuda";
    private const int MaxDynamicSharedBytes = 8;

    static CudaDriver() => NativeLibrary.SetDllImportResolver(typeof(CudaDriver).Assembly, Find);

    /// <summary>Lets a kernel have so many bytes of shared memory; beyond 48 KB they must be asked for.</summary>
    public static int SetSharedBytes(IntPtr function, int bytes) => SetAttribute(function, MaxDynamicSharedBytes, bytes);

    /// <summary>What is enqueued on a stream from now on becomes nodes of a graph, and does not run.</summary>
    [LibraryImport(Library, EntryPoint = "cuStreamBeginCapture_v2")]
    public static partial int BeginCapture(IntPtr stream, CaptureMode mode);

    /// <summary>Ends it, and gives the graph; none where something was enqueued that cannot be a node.</summary>
    [LibraryImport(Library, EntryPoint = "cuStreamEndCapture")]
    public static partial int EndCapture(IntPtr stream, out IntPtr graph);

    /// <summary>The nodes that what is enqueued next will depend on.</summary>
    [LibraryImport(Library, EntryPoint = "cuStreamGetCaptureInfo_v2")]
    public static unsafe partial int CaptureInfo(
        IntPtr stream, out int status, out ulong id, out IntPtr graph, out IntPtr* dependencies, out nuint count);

    /// <summary>The edges of a graph, or their number where there is no room for them.</summary>
    [LibraryImport(Library, EntryPoint = "cuGraphGetEdges_v2")]
    public static unsafe partial int Edges(IntPtr graph, IntPtr* from, IntPtr* to, GraphEdge* edges, ref nuint count);

    /// <summary>Takes edges away.</summary>
    [LibraryImport(Library, EntryPoint = "cuGraphRemoveDependencies_v2")]
    public static partial int RemoveEdges(IntPtr graph, in IntPtr from, in IntPtr to, in GraphEdge edges, nuint count);

    /// <summary>Adds edges.</summary>
    [LibraryImport(Library, EntryPoint = "cuGraphAddDependencies_v2")]
    public static partial int AddEdges(IntPtr graph, in IntPtr from, in IntPtr to, in GraphEdge edges, nuint count);

    /// <summary>What a node is; 0: a kernel.</summary>
    [LibraryImport(Library, EntryPoint = "cuGraphNodeGetType")]
    public static partial int NodeType(IntPtr node, out int type);

    /// <summary>Makes a graph ready to be launched.</summary>
    [LibraryImport(Library, EntryPoint = "cuGraphInstantiateWithFlags")]
    public static partial int Instantiate(out IntPtr executable, IntPtr graph, ulong flags);

    /// <summary>Runs a graph on a stream.</summary>
    [LibraryImport(Library, EntryPoint = "cuGraphLaunch")]
    public static partial int Launch(IntPtr executable, IntPtr stream);

    /// <summary>Frees what <see cref="Instantiate"/> gave.</summary>
    [LibraryImport(Library, EntryPoint = "cuGraphExecDestroy")]
    public static partial int DestroyExecutable(IntPtr executable);

    /// <summary>Frees a graph.</summary>
    [LibraryImport(Library, EntryPoint = "cuGraphDestroy")]
    public static partial int DestroyGraph(IntPtr graph);

    [LibraryImport(Library, EntryPoint = "cuFuncSetAttribute")]
    private static partial int SetAttribute(IntPtr function, int attribute, int value);

    // Without a compiler's packages Linux has the versioned name alone.
    private static nint Find(string name, Assembly assembly, DllImportSearchPath? path) =>
        name == Library && !OperatingSystem.IsWindows() && NativeLibrary.TryLoad("libcuda.so.1", out nint handle) ? handle : 0;
}

/// <summary>What else a thread may do while a stream is captured.</summary>
internal enum CaptureMode
{
    /// <summary>Everything: the driver does not watch for calls that would end the capture.</summary>
    Relaxed = 2,
}

/// <summary>An edge of a graph.</summary>
[StructLayout(LayoutKind.Sequential, Size = 8)]
internal struct GraphEdge
{
    /// <summary>Where it leaves: 0 the end of a node; 1 where a kernel lets its dependents start.</summary>
    public byte FromPort;

    /// <summary>0.</summary>
    public byte ToPort;

    /// <summary>0: full; 1: programmatic, the dependent waits by itself.</summary>
    public byte Type;
}
