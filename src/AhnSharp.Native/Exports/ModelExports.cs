using System;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Threading;
using System.Threading.Tasks;
using AhnSharp.Native.Boundary;
using AhnSharp.Native.Handles;
using AhnSharp.Native.Structs;
using AhnSharp.Sessions;

namespace AhnSharp.Native.Exports;

/// <summary>Models.</summary>
internal static unsafe class ModelExports
{
    private static readonly TimeSpan s_betweenQuestions = TimeSpan.FromMilliseconds(50);

    [UnmanagedCallersOnly(EntryPoint = "ahn_model_load", CallConvs = [typeof(CallConvCdecl)])]
    public static int Load(byte* path, ModelSettings* options, nint* model) => Call.Run(() =>
    {
        Outputs.Check(model, nameof(model));
        string file = Utf8Text.ReadPath(path, nameof(path));
        ModelSettings settings = Sized.Read(options, nameof(options));
        string? adapter = settings.AhnPath is null ? null : Utf8Text.ReadPath(settings.AhnPath, "ahn_path");
        ModelOptions how = settings.ToOptions();
        TextModel text = settings.Stop is null ? TextModel.Load(file, adapter, how) : LoadAsking(file, adapter, how, settings);
        *model = HandleTable.Add(new OpenModel(text));
    });

    [UnmanagedCallersOnly(EntryPoint = "ahn_model_info", CallConvs = [typeof(CallConvCdecl)])]
    public static int Info(nint model, ModelFacts* facts) => Call.Run(() =>
    {
        OpenModel open = HandleTable.Get<OpenModel>(model).Hold();
        try
        {
            Sized.Write(facts, ModelFacts.Of(open.Text), nameof(facts));
        }
        finally
        {
            open.Release();
        }
    });

    [UnmanagedCallersOnly(EntryPoint = "ahn_model_free", CallConvs = [typeof(CallConvCdecl)])]
    public static int Free(nint model)
    {
        int status = Call.Run(() =>
        {
            if (model == 0) return;
            OpenModel open = HandleTable.Get<OpenModel>(model);
            HandleTable.Remove(model, open);
            open.Release();
        });
        OpenModel.GiveBack();
        return status;
    }

    // The caller's function is asked on the caller's thread, so the work goes to another.
    private static TextModel LoadAsking(string path, string? adapter, ModelOptions options, ModelSettings settings)
    {
        using CancellationTokenSource running = new();
        Task<TextModel> load = Task.Run(() => TextModel.Load(path, adapter, options, running.Token));
        while (!((IAsyncResult)load).AsyncWaitHandle.WaitOne(s_betweenQuestions))
        {
            if (!running.IsCancellationRequested && settings.Stop(settings.StopUser) != 0) running.Cancel();
        }
        return load.GetAwaiter().GetResult();
    }
}
