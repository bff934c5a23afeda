defmodule ResistorColor do
  @colors ~w(black brown red orange yellow green blue violet grey white)

  def code(color), do: Enum.find_index(@colors, &(&1 == color))
end
