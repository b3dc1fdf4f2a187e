using System;
using System.Diagnostics;
using AhnSharp.Gguf;
using AhnSharp.Gpu.Kernels;
using AhnSharp.Gpu.Model;
using AhnSharp.Kernels;
using ILGPU;
using ILGPU.Runtime;

namespace AhnSharp.Gpu.Checks;

/// <summary>What bringing a file to a device is made of: reading alone, sending alone, both, and all with packing.</summary>
internal static class UploadSpeed
{
    /// <param name="device">Where.</param>
    /// <param name="path">The model.</param>
    /// <param name="parts">Whether the parts are measured before the whole.</param>
    public static void Run(CheckedDevice device, string path, bool parts)
    {
        if (parts) MeasureParts(device, path);
        long started = Stopwatch.GetTimestamp();
        using GpuModel model = device.Load(path, null, 1024);
        Console.WriteLine($"loaded in {Stopwatch.GetElapsedTime(started).TotalSeconds:f2} s, the weights at {model.UploadRate:f1} GB/s");
    }

    private static void MeasureParts(CheckedDevice device, string path)
    {
        long started = Stopwatch.GetTimestamp();
        using Accelerator accelerator = device.CreateAccelerator();
        Console.WriteLine($"device opened in {Stopwatch.GetElapsedTime(started).TotalMilliseconds:f0} ms");
        using GgufFile file = GgufFile.Open(path);
        using WeightUpload upload = new(accelerator);
        using MemoryBuffer1D<byte, Stride1D.Dense> to = accelerator.Allocate1D<byte>(WeightUpload.PieceBytes);
        Time("read", file, (reader, from, count) => upload.Read(reader, from, count));
        Time("read and sent", file, (reader, from, count) =>
            upload.Read(reader, from, count).Send(to.View.AsContiguous().SubView(0, count)));
        Time("sent, each when the one before has arrived", file, (_, _, count) =>
        {
            UploadPiece piece = upload.Read(static (_, _) => { }, 0, count);
            piece.Send(to.View.AsContiguous().SubView(0, count));
            piece.Stream.Synchronize();
        });
        upload.Wait();
    }

    private static void Time(string what, GgufFile file, Action<WeightReader, long, int> use)
    {
        long started = Stopwatch.GetTimestamp(), bytes = 0;
        foreach (GgufTensor tensor in file.Tensors)
        {
            for (long done = 0; done < tensor.ByteLength; done += WeightUpload.PieceBytes)
            {
                int count = (int)Math.Min(WeightUpload.PieceBytes, tensor.ByteLength - done);
                use((from, to) => file.ReadUnmapped(tensor, from, to), done, count);
                bytes += count;
            }
        }
        Console.WriteLine($"{what}: {bytes / Stopwatch.GetElapsedTime(started).TotalSeconds / 1e9:f1} GB/s");
    }
}
