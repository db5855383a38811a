"""Everyday facts: what the generated text says of ordinary things, people, places and days."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Thing:
    """A thing of daily life: its name, more of them, what kind it is, where it is found, and what it does or is for."""

    name: str
    plural: str
    kind: str
    place: str
    does: tuple[str, ...]


# Name | plural | kind | place | what it does or is for; ...
_THINGS = """
kettle | kettles | kitchen tool | kitchen | boils water for tea; whistles when the water is hot
spoon | spoons | piece of cutlery | kitchen drawer | stirs soup and carries it to the mouth
fork | forks | piece of cutlery | kitchen drawer | holds food in place on a plate
knife | knives | tool | kitchen drawer | cuts bread, cheese and vegetables
pan | pans | kitchen tool | cupboard | fries eggs over a flame
oven | ovens | machine | kitchen | bakes bread and cakes with dry heat
fridge | fridges | machine | kitchen | keeps milk and butter cold
bowl | bowls | dish | cupboard | holds soup, fruit or porridge
cup | cups | dish | cupboard | holds tea or coffee
candle | candles | light | shelf | gives light while its wax burns
lamp | lamps | light | living room | lights a room after sunset
chair | chairs | piece of furniture | dining room | gives one person a seat
table | tables | piece of furniture | dining room | carries plates, books and elbows
bed | beds | piece of furniture | bedroom | gives people a place to sleep at night
pillow | pillows | cushion | bedroom | supports the head during sleep
blanket | blankets | cloth | bedroom | keeps a sleeper warm
mirror | mirrors | sheet of glass | bathroom | shows whoever stands before it
towel | towels | cloth | bathroom | dries wet hands
broom | brooms | tool | hallway | sweeps dust from the floor
umbrella | umbrellas | shelter | hallway | keeps the rain off a walker
key | keys | tool | pocket | opens one lock and no other
coat | coats | garment | hallway | keeps the wind out in winter
glove | gloves | garment | drawer | warms a hand and its fingers
boot | boots | shoe | hallway | keeps a foot dry in mud and snow
hat | hats | garment | hallway | shades the eyes and warms the head
scarf | scarves | garment | drawer | is wound around the neck on cold days
button | buttons | fastener | sewing box | closes a shirt or a coat
needle | needles | tool | sewing box | pulls a thread through cloth
hammer | hammers | tool | workshop | drives nails into wood
saw | saws | tool | workshop | cuts boards with its teeth
ladder | ladders | tool | shed | helps people reach high places
bucket | buckets | vessel | shed | carries water, sand or berries
spade | spades | tool | shed | digs holes for young trees
rope | ropes | cord | shed | ties a boat to the shore
clock | clocks | instrument | kitchen wall | shows the time with two hands
thermometer | thermometers | instrument | window | measures how warm the air is
compass | compasses | instrument | rucksack | points to the north
map | maps | drawing | rucksack | shows roads, rivers and towns
book | books | object made of paper | library | tells a story to whoever opens it; holds pages between two covers
letter | letters | message | mailbox | carries news from one person to another
stamp | stamps | small label | post office | shows that the postage is paid
pencil | pencils | writing tool | desk | draws grey lines that can be rubbed out
notebook | notebooks | object made of paper | desk | keeps ideas that would be forgotten
ruler | rulers | instrument | desk | measures short lengths and guides a straight line
telescope | telescopes | instrument | observatory | makes distant stars look closer
bicycle | bicycles | vehicle | street | turns the push of two legs into speed
bus | buses | vehicle | street | takes many people along one route
train | trains | vehicle | station | runs on rails from town to town
tram | trams | vehicle | street | runs on rails through a city
ship | ships | vessel | harbour | carries freight across the sea
ferry | ferries | vessel | harbour | takes cars and people over the water
bridge | bridges | building | river | lets a road cross the water
lighthouse | lighthouses | building | coast | warns ships of rocks at night
mill | mills | building | river | grinds grain into flour
bakery | bakeries | shop | town | sells bread that was baked before dawn
library | libraries | building | town | lends books to its readers
museum | museums | building | city | keeps old things and shows them
school | schools | building | town | teaches children to read and to count
dog | dogs | animal | garden | barks at strangers and wags its tail at friends
cat | cats | animal | windowsill | catches mice and sleeps in the sun
horse | horses | animal | meadow | pulls carts and carries riders
cow | cows | animal | meadow | eats grass and gives milk
sheep | sheep | animal | hillside | grows wool that is shorn in spring
goat | goats | animal | hillside | climbs steep rocks without fear
hen | hens | bird | farmyard | lays eggs and scratches for grain
duck | ducks | bird | pond | swims well and dives for food
swan | swans | bird | lake | glides over the water with a long, curved neck
owl | owls | bird | forest | hunts at night and hears every rustle
swallow | swallows | bird | barn | flies south before the winter
stork | storks | bird | roof | builds a wide nest of sticks
woodpecker | woodpeckers | bird | forest | drums on trunks to find insects
frog | frogs | animal | pond | begins its life as a tadpole
bee | bees | insect | hive | gathers nectar and makes honey
ant | ants | insect | forest | carries loads heavier than itself
butterfly | butterflies | insect | meadow | was a caterpillar before it had wings
spider | spiders | animal | corner | spins a web and waits for flies
snail | snails | animal | garden | carries its house on its back
hedgehog | hedgehogs | animal | hedge | rolls itself into a ball of spines
squirrel | squirrels | animal | park | buries nuts in autumn
bat | bats | animal | cave | finds its way by echoes
whale | whales | animal | ocean | breathes air although it lives in the sea
dolphin | dolphins | animal | ocean | lives in groups and speaks in whistles and clicks
salmon | salmon | fish | river | swims upstream to lay its eggs
oak | oaks | tree | forest | grows slowly and drops acorns in autumn
birch | birches | tree | forest | has white bark
pine | pines | tree | hillside | keeps its needles through the winter
willow | willows | tree | riverbank | lets its branches hang towards the water
apple | apples | fruit | orchard | ripens in late summer
pear | pears | fruit | orchard | softens soon after it is picked
cherry | cherries | fruit | orchard | holds a single stone
lemon | lemons | fruit | basket | tastes sour because of its acid
strawberry | strawberries | fruit | garden | ripens close to the ground
carrot | carrots | vegetable | vegetable bed | grows underground and is orange
onion | onions | vegetable | cellar | makes eyes water when it is cut
potato | potatoes | vegetable | cellar | grows below the soil and stores starch
pumpkin | pumpkins | vegetable | vegetable bed | grows large and yellow in autumn
tomato | tomatoes | fruit | greenhouse | turns red when it is ripe
sunflower | sunflowers | flower | garden | grows taller than most people
tulip | tulips | flower | garden | sprouts from a bulb in spring
mushroom | mushrooms | fungus | forest | grows overnight after rain
violin | violins | instrument | concert hall | sings when a bow is drawn over its strings
piano | pianos | instrument | living room | strikes strings with small hammers
drum | drums | instrument | concert hall | keeps the beat for the others
flute | flutes | instrument | concert hall | sounds when air is blown across a hole
"""

# Full sentences about nature and the world, each true by itself.
FACTS = tuple(
    line.strip()
    for line in """
Water freezes at zero degrees Celsius and boils at one hundred at sea level.
Ice floats because it is less dense than water.
Warm air rises, and cold air sinks.
A rainbow appears when sunlight meets drops of rain.
Thunder comes after lightning because sound is slower than light.
The moon shines with light that it borrows from the sun.
The earth turns once in about twenty-four hours.
The earth needs about three hundred and sixty-five days to go around the sun.
Leaves are green because of chlorophyll.
Bread rises because yeast makes small bubbles of gas.
Salt dissolves faster in hot water than in cold water.
Iron rusts where it meets water and air.
Wood floats on water, and stone sinks.
A magnet attracts iron but not copper.
Sound cannot travel through empty space.
A shadow is longest when the sun is low.
Rivers flow downhill until they reach a lake or the sea.
Snow is made of many small crystals of ice.
Dew forms on the grass when the night is cool and clear.
Plants take in carbon dioxide and give off oxygen in the light.
Honey keeps for years because it holds so little water.
A triangle has three sides, and its angles add up to one hundred and eighty degrees.
A square has four equal sides.
Half of a half is a quarter.
An even number can be divided by two without a remainder.
A dozen is twelve, and a score is twenty.
There are sixty minutes in an hour and twenty-four hours in a day.
A leap year has three hundred and sixty-six days.
The heart pumps blood through the whole body.
Bones protect what is soft and give muscles something to pull.
The eye turns light into signals for the brain.
Sleep helps the brain to keep what it has learned.
A fact that is recalled today is easier to recall tomorrow.
Reviews that are spread over days last longer than one long evening.
It is easier to recognise an answer than to recall it.
Explaining a thing to a friend shows where the gaps are.
""".strip().splitlines()
)

CARRIED = (
    "apple", "ball", "basket", "book", "bottle", "box", "bread", "candle", "coin", "cup", "drum", "flute", "hammer",
    "hat", "jar", "key", "kite", "lamp", "lemon", "letter", "map", "mirror", "needle", "notebook", "pear", "pencil",
    "plate", "purse", "ring", "rope", "ruler", "scarf", "shell", "spoon", "stamp", "stone", "ticket", "towel",
    "umbrella", "violin", "watch", "whistle",
)  # fmt: skip
PEOPLE = (
    "Ada", "Amir", "Anna", "Ben", "Carla", "Chen", "Clara", "David", "Elena", "Emil", "Farah", "Felix", "Greta",
    "Hana", "Hugo", "Ines", "Ivan", "Jonas", "Julia", "Karim", "Lena", "Leo", "Lina", "Marco", "Maria", "Mira", "Nadia",
    "Noah", "Olga", "Omar", "Paul", "Petra", "Rosa", "Sami", "Sara", "Tariq", "Tom", "Vera", "Yuki", "Zoe",
)  # fmt: skip
ROOMS = (
    "attic", "barn", "bathroom", "bedroom", "cellar", "classroom", "garage", "garden", "hallway", "kitchen", "library",
    "office", "park", "shed", "station", "studio", "theatre", "workshop",
)  # fmt: skip
ON = frozenset(
    (
        "shelf", "windowsill", "street", "roof", "coast", "hillside", "riverbank", "river", "farmyard", "desk",
        "kitchen wall",
    )
)  # fmt: skip
"""Places that one is on rather than in."""
DAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")
MONTHS = (
    "January", "February", "March", "April", "May", "June", "July", "August", "September", "October", "November",
    "December",
)  # fmt: skip
NUMBERS = (
    "zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten", "eleven", "twelve",
    "thirteen", "fourteen", "fifteen", "sixteen", "seventeen", "eighteen", "nineteen", "twenty",
)  # fmt: skip


def _thing(row: str) -> Thing:
    name, plural, kind, place, does = (cell.strip() for cell in row.split("|"))
    return Thing(name, plural, kind, place, tuple(part.strip() for part in does.split(";")))


THINGS = tuple(map(_thing, _THINGS.strip().splitlines()))
