using System;
using System.Diagnostics;
using System.Globalization;
using System.Linq;
using AhnSharp.Checks;
using AhnSharp.Gguf;
using AhnSharp.Gpu.Checks;
using AhnSharp.Gpu.Devices;

// For machines without an SDK; DEVICE is cuda, opencl:0 …, by default the first.
//   AhnSharp.Gpu.Checks [DEVICE] [FILTER]                   what the tests check
//   AhnSharp.Gpu.Checks DEVICE speed TYPE [OTHER] [TURNS] [CHUNK]   what layers of a 7B model take, W_v and W_down of type OTHER
//   AhnSharp.Gpu.Checks DEVICE upload FILE                  what bringing a model to the device is made of
//   AhnSharp.Gpu.Checks DEVICE train FOLDER [LENGTH]        what training on the demo's base takes, and its gradients' errors
//   AhnSharp.Gpu.Checks DEVICE load FILE                    bringing it there alone, for files that are not in the system's cache
GpuDevice? device = args.Length > 0 ? GpuDevices.Select(args[0])[0] : GpuDevices.All.Count > 0 ? GpuDevices.All[0] : null;
if (device is null)
{
    Console.Error.WriteLine("expected a GPU, found none");
    return 2;
}
Console.WriteLine(
    $"{device.Id}: {device.Name}, {device.MemoryBytes / 1e9:n1} GB, {device.Multiprocessors} multiprocessors, {device.Driver}");
CheckedDevice own = CheckedDevice.Of(device), portable = own.WithPortableKernels();
if (args is [_, "speed", var type, ..])
{
    GgmlType weights = Enum.Parse<GgmlType>(type);
    LayerSpeed.Run(own, weights, args.Length > 3 ? Enum.Parse<GgmlType>(args[3]) : weights,
        args.Length > 4 ? int.Parse(args[4], CultureInfo.InvariantCulture) : 50,
        args.Length > 5 ? int.Parse(args[5], CultureInfo.InvariantCulture) : 1024);
    return 0;
}
if (args is [_, "upload" or "load", var path])
{
    UploadSpeed.Run(own, path, parts: args[1] == "upload");
    return 0;
}
if (args is [_, "train", var folder, ..])
{
    TrainSpeed.Run(own, folder, args.Length > 3 ? int.Parse(args[3], CultureInfo.InvariantCulture) : 8192);
    return 0;
}
int failed = 0, passed = 0;
foreach (Check check in GpuChecks.Of(portable, 64).Concat(GpuChecks.Of(own, 256)).Concat(TrainChecks.Of(own, 256)).Where(
    check => args.Length < 2 || check.Name.Contains(args[1], StringComparison.OrdinalIgnoreCase)))
{
    long started = Stopwatch.GetTimestamp();
    try
    {
        check.Run();
        passed++;
        Console.WriteLine($"passed   {check.Name} ({Stopwatch.GetElapsedTime(started).TotalMilliseconds:f0} ms)");
    }
    catch (Exception error) when (error is CheckFailedException or GpuException)
    {
        failed++;
        Console.WriteLine($"FAILED   {check.Name}: {error.Message}");
    }
}
Console.WriteLine($"{passed} passed, {failed} failed");
return failed == 0 ? 0 : 1;
