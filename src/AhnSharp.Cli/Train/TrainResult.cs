using System.Globalization;
using System.Text.Json;
using AhnSharp.Cli.Display;
using AhnSharp.Training;

namespace AhnSharp.Cli.Train;

/// <summary>What a run came to, for people and programs.</summary>
internal static class TrainResult
{
    /// <summary>Of the KL that the window alone has, what the memory makes good; 0 where there was none.</summary>
    internal static double Regained(MemoryTraining training) =>
        training.WindowKl > 0 ? 1 - training.BestPoint!.Value.HeldOutKl / training.WindowKl : 0;

    internal static void Show(MemoryTraining training, string output, double seconds)
    {
        TrainingPoint best = training.BestPoint!.Value;
        Terminal.Print(string.Create(CultureInfo.InvariantCulture, $"{output}: a {training.Parameters.Rule} memory of "
            + $"{ByteProgress.Count(training.Parameters.Values.Length)} parameters, the best of {training.Step:N0} steps "
            + $"(step {best.Step:N0})"));
        Terminal.Print(string.Create(CultureInfo.InvariantCulture,
            $"KL to full attention on held-out text: {best.HeldOutKl:N4} nats a token, "
            + $"window alone {training.WindowKl:N4}: {100 * Regained(training):N0} % of what the window loses is made good"));
        Terminal.Print(string.Create(CultureInfo.InvariantCulture, $"{seconds:N0} s in all"));
    }

    internal static void Write(Utf8JsonWriter json, MemoryTraining training, string output, double seconds, double tokensPerSecond)
    {
        TrainingPoint best = training.BestPoint!.Value;
        json.WriteString("path", output);
        json.WriteString("kind", training.Parameters.Rule.Word);
        json.WriteNumber("parameters", training.Parameters.Values.Length);
        json.WriteNumber("steps", training.Step);
        json.WriteNumber("best_step", best.Step);
        json.WriteNumber("held_out_kl", best.HeldOutKl);
        json.WriteNumber("window_kl", training.WindowKl);
        json.WriteNumber("training_tokens", training.Texts.Tokens);
        json.WriteNumber("held_out_tokens", training.Texts.HeldOutTokens);
        json.WriteNumber("seconds", seconds);
        json.WriteNumber("tokens_per_second", tokensPerSecond);
        json.WriteStartArray("points");
        foreach (TrainingPoint point in training.Points)
        {
            json.WriteStartObject();
            json.WriteNumber("step", point.Step);
            if (double.IsNaN(point.TrainingKl)) json.WriteNull("training_kl");
            else json.WriteNumber("training_kl", point.TrainingKl);
            json.WriteNumber("held_out_kl", point.HeldOutKl);
            json.WriteEndObject();
        }
        json.WriteEndArray();
    }
}
