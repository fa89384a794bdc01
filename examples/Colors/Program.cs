using Colors;

return ColorsCommand.Run(args, Console.Out, Console.Error);
